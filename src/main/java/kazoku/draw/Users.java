package kazoku.draw;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kazoku.Expr;
import kazoku.internal.Axes;
import kazoku.internal.Vocabulary;

/** What each value of a step is used for. */
final class Users {
  private final Map<Expr, List<Expr>> users = new IdentityHashMap<>();

  Users(List<Expr> results) {
    results.forEach(this::visit);
  }

  private void visit(Expr value) {
    if (users.putIfAbsent(value, new ArrayList<>()) == null) {
      for (Expr input : value.inputs()) {
        visit(input);
        users.get(input).add(value);
      }
    }
  }

  /** All values. */
  Set<Expr> all() {
    return users.keySet();
  }

  /** What is made of a value, once for each time that it is needed. */
  List<Expr> of(Expr value) {
    return users.get(value);
  }

  /** Whether a value without a name is needed only once. */
  boolean isPartOfOne(Expr value) {
    return users.get(value).size() == 1 && value.name().isEmpty();
  }

  /** Whether a value is needed in blocks only. */
  boolean onlyInBlocks(Expr value) {
    return users.get(value).stream()
        .allMatch(
            user ->
                user.primitive() instanceof Axes.Part
                    || user.primitive() instanceof Axes.Reshape && onlyInBlocks(user));
  }

  /** Whether a value is an addend and nothing else. */
  boolean onlyAdd(Expr value) {
    return users.get(value).stream()
        .allMatch(u -> u.primitive() == Vocabulary.PLUS || u.primitive() == Vocabulary.MINUS);
  }

  /** Whether what is made of a value, and of it alone, has the same name. */
  boolean nameAgain(Expr value) {
    Expr at = value;
    while (users.get(at).size() == 1) {
      at = users.get(at).get(0);
      if (at.name().equals(value.name())) {
        return true;
      }
    }
    return false;
  }

  /** What a quantity is called that a value is only a part of; empty if it is part of several. */
  Optional<String> destiny(Expr value) {
    Expr at = value;
    while (at.name().isEmpty()) {
      List<Expr> next = users.get(at).stream().distinct().toList();
      if (next.size() != 1) {
        return Optional.empty();
      }
      at = next.get(0);
    }
    return at.name().filter(name -> !name.endsWith("'"));
  }

  /** The blocks that the last axis of a value is cut in, by what is made with them. */
  List<Block> blocks(Expr value, int size) {
    List<Expr> all = users.getOrDefault(value, List.of());
    for (Expr user : all) {
      if (user.primitive() instanceof Axes.Part cut && cut.axis() == -1) {
        return cut(all, cut.sizes());
      }
    }
    boolean outside = value.primitive() instanceof Vocabulary.Leaf;
    String name = outside ? "" : value.name().orElse("");
    // What is called _zr is all that z and r are made of.
    boolean index = name.startsWith("_");
    for (Expr user : all) {
      if ((name.isEmpty() || index) && columnsStay(value, user)) {
        List<Block> blocks = blocks(user, size);
        if (blocks.size() > 1 || name.isEmpty() && !blocks.get(0).name().isEmpty()) {
          return blocks;
        }
      }
    }
    return List.of(new Block(index ? name.substring(1) : name, size));
  }

  private List<Block> cut(List<Expr> all, List<Integer> sizes) {
    List<Block> blocks = new ArrayList<>();
    for (int k = 0; k < sizes.size(); k++) {
      int number = k;
      blocks.addAll(
          all.stream()
              .filter(
                  user ->
                      user.primitive() instanceof Axes.Part part
                          && part.axis() == -1
                          && part.sizes().equals(sizes)
                          && part.index() == number)
              .findFirst()
              .map(part -> blocks(part, sizes.get(number)))
              .orElse(List.of(new Block("", sizes.get(number)))));
    }
    return blocks;
  }

  /** Whether each column of a value is still a column, at its place, of what is made of it. */
  private static boolean columnsStay(Expr value, Expr user) {
    boolean matrix = user.primitive() == Vocabulary.DOT || user.primitive() == Vocabulary.MATMUL;
    boolean right = !matrix || user.inputs().get(user.inputs().size() - 1) == value;
    return right
        && user.shape().numDimensions() > 0
        && user.size() == value.size()
        && user.primitive() != Axes.TRANSPOSE
        && !(user.primitive() instanceof Axes.Reshape);
  }
}
