package kazoku.serve;

/**
 * A stream has no state any more, as it was not fed for long, or as too many others were opened.
 */
public final class EvictedException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  EvictedException(String message) {
    super(message);
  }
}
