package kazoku.draw;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kazoku.draw.Term.Kind;

/**
 * The same done several times with what comes out of it, as a solver does: drawn once, with a line
 * that leads back.
 *
 * @param name what is taken each time: the value before the first time, under its name
 * @param last what comes out
 * @param before what comes out, as it is recorded
 * @param times how many times, at least {@value #FEWEST}
 */
record Repetition(Term name, Term last, Term before, int times) {
  private static final int FEWEST = 3;

  private static final Term HOLE = Term.of(Kind.SOURCE, Lettering.NONE, "hole", List.of());

  /** The first repetition that some results are made by. */
  static Optional<Repetition> in(List<Term> results) {
    return results.stream()
        .flatMap(result -> below(result).stream())
        .filter(term -> term.kind() == Kind.NAME || results.contains(term))
        .flatMap(term -> to(term).stream())
        .findFirst();
  }

  private static Optional<Repetition> to(Term result) {
    List<Term> names =
        below(body(result)).stream().filter(term -> term.kind() == Kind.NAME).toList();
    for (Term name : names) {
      long alike = names.stream().filter(other -> other.label().equals(name.label())).count();
      if (alike >= FEWEST - 1) {
        Optional<Repetition> found = to(result, name);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /** The repetition whose last time takes a named value. */
  private static Optional<Repetition> to(Term result, Term name) {
    Term step = replaced(body(result), name, HOLE);
    Term at = name;
    int times = 1;
    for (Optional<Term> next = taken(at, step); next.isPresent(); next = taken(at, step)) {
      at = next.get();
      times++;
    }
    if (times < FEWEST) {
      return Optional.empty();
    }
    Term first = Term.of(Kind.NAME, name.label(), "repeated", List.of(at));
    Term once = replaced(step, HOLE, first);
    Term last = result == body(result) ? once : with(result, List.of(once));
    return Optional.of(new Repetition(first, last, result, times));
  }

  /** What a value is made of by a step; nothing if it is made otherwise. */
  private static Optional<Term> taken(Term value, Term step) {
    return below(body(value)).stream()
        .filter(term -> term.kind() == Kind.NAME || term.kind() == Kind.SOURCE)
        .filter(term -> replaced(body(value), term, HOLE).equals(step))
        .findFirst();
  }

  private static Term body(Term term) {
    return term.kind() == Kind.NAME ? term.of().get(0) : term;
  }

  /** A term in which the same is done only once. */
  Term of(Term term) {
    return replaced(term, before, last);
  }

  /** A term and all that it is made of, each once. */
  private static List<Term> below(Term term) {
    List<Term> all = new ArrayList<>();
    visit(term, all, Collections.newSetFromMap(new IdentityHashMap<>()));
    return all;
  }

  private static void visit(Term term, List<Term> all, Set<Term> seen) {
    if (seen.add(term)) {
      all.add(term);
      term.of().forEach(of -> visit(of, all, seen));
    }
  }

  private static Term replaced(Term term, Term old, Term by) {
    return replaced(term, old, by, new IdentityHashMap<>());
  }

  private static Term replaced(Term term, Term old, Term by, Map<Term, Term> known) {
    if (term == old) {
      return by;
    }
    Term made = known.get(term);
    if (made == null) {
      List<Term> of = new ArrayList<>();
      boolean same = true;
      for (Term each : term.of()) {
        Term inner = replaced(each, old, by, known);
        same &= inner == each;
        of.add(inner);
      }
      made = same ? term : with(term, of);
      known.put(term, made);
    }
    return made;
  }

  private static Term with(Term term, List<Term> of) {
    return new Term(term.kind(), term.label(), term.note(), term.form(), term.what(), of);
  }
}
