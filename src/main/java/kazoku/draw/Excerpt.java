package kazoku.draw;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import kazoku.Expr;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/**
 * A block of something that is made of weights.
 *
 * @param value what it is a block of
 * @param cuts where it is cut, the last axis first; none for the whole
 */
record Excerpt(Expr value, List<Cut> cuts) {

  Excerpt {
    cuts =
        cuts.stream()
            .filter(cut -> !cut.leavesWhole(value))
            .sorted(Comparator.comparingInt(Cut::axis).reversed())
            .toList();
  }

  /** The block of what the value was cut out of, put together or formed of, as far as that goes. */
  static Excerpt of(Expr value, Cut cut) {
    return new Excerpt(value, cut == null ? List.of() : List.of(cut)).peeled();
  }

  private Excerpt peeled() {
    if (value.primitive() instanceof Axes.Part part) {
      Cut own = Cut.of(part, value.name().map(Symbols::index), "");
      List<Cut> all = new ArrayList<>();
      for (Cut cut : cuts) {
        if (cut.axis() == own.axis()) {
          own = own.inner(cut);
        } else {
          all.add(cut);
        }
      }
      all.add(own);
      return new Excerpt(value.inputs().get(0), all).peeled();
    }
    if (value.primitive() == Vocabulary.STOP_GRADIENT) {
      return new Excerpt(value.inputs().get(0), cuts).peeled();
    }
    if (value.primitive() instanceof Axes.Reshape) {
      Expr before = value.inputs().get(0);
      if (cuts.isEmpty()) {
        return new Excerpt(before, cuts).peeled();
      }
      Cut through = cuts.size() == 1 ? cuts.get(0).through(value) : null;
      return through == null ? this : new Excerpt(before, List.of(through)).peeled();
    }
    if (value.primitive() instanceof Axes.Concat concat) {
      return element(concat).map(Excerpt::peeled).orElse(this);
    }
    return this;
  }

  /** The block of the one element of a row that it is in. */
  private Optional<Excerpt> element(Axes.Concat concat) {
    Optional<Cut> along = cuts.stream().filter(cut -> cut.axis() == concat.axis()).findFirst();
    if (along.isEmpty()) {
      return Optional.empty();
    }
    Cut cut = along.get();
    long start = 0;
    for (Expr part : value.inputs()) {
      long size = part.shape().get(concat.axis());
      if (start <= cut.start() && cut.start() + cut.size() <= start + size) {
        List<Cut> all = new ArrayList<>(cuts);
        all.remove(cut);
        all.add(cut.at(cut.axis(), cut.start() - start, cut.size()));
        return Optional.of(new Excerpt(part, all));
      }
      start += size;
    }
    return Optional.empty();
  }

  /** The block of an operand. */
  Excerpt operand(int index) {
    Expr operand = value.inputs().get(index);
    List<Cut> all = new ArrayList<>();
    for (Cut cut : cuts) {
      if (value.primitive() == Axes.TRANSPOSE) {
        all.add(cut.transposed());
      } else if (value.primitive() == Vocabulary.DOT || value.primitive() == Vocabulary.MATMUL) {
        if (cut.axis() == (index == 0 ? -2 : -1)) {
          all.add(cut);
        }
      } else {
        all.add(cut);
      }
    }
    return new Excerpt(operand, all).peeled();
  }
}
