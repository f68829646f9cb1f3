package kazoku.benchmark;

/** Who takes turns. */
interface Contender {

  /** What the table calls it. */
  String title();

  /** A process of its own that is timed. */
  Result turn(Case what, Settings settings) throws Exception;
}
