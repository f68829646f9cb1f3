package kazoku.cells;

import kazoku.Expr;

/** Which of the two an update gate multiplies: the old state or the candidate. */
public enum UpdateConvention {

  /** The gate keeps: {@code z⊙h + (1−z)⊙n}. */
  KEEP {
    @Override
    public Expr update(Expr z, Expr h, Expr n) {
      return z.times(h).plus(z.oneMinus().times(n));
    }
  },

  /** The gate writes: {@code (1−z)⊙h + z⊙n}. */
  WRITE {
    @Override
    public Expr update(Expr z, Expr h, Expr n) {
      return z.oneMinus().times(h).plus(z.times(n));
    }
  };

  /**
   * Interpolates between the old state and a candidate.
   *
   * @param z the update gate
   * @param h the old state
   * @param n the candidate
   * @return the new state
   */
  public abstract Expr update(Expr z, Expr h, Expr n);
}
