package kazoku.draw;

/** Where a box may stand in a layout, along the way that lines go. */
enum Place {
  /** At the beginning. */
  FIRST,
  /** Where its lines are short. */
  BETWEEN,
  /** At the end. */
  LAST
}
