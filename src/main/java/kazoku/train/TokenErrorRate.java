package kazoku.train;

/** Edits from tokens to labels, for each label. */
record TokenErrorRate() implements Metric {
  @Override
  public String name() {
    return "token error rate";
  }

  @Override
  public Tally begin() {
    return new Tally() {
      private long edits;
      private long labels;

      @Override
      public void add(Outcome o) {
        edits += distance(o.tokens(), o.labels());
        labels += o.labels().length;
      }

      @Override
      public double value() {
        return (double) edits / labels;
      }

      @Override
      public double[] numbers() {
        return new double[] {edits, labels};
      }

      @Override
      public void merge(double[] numbers) {
        edits += (long) numbers[0];
        labels += (long) numbers[1];
      }
    };
  }

  /** How many tokens must be put in, taken out or changed to make b of a (V. Levenshtein 1966). */
  static int distance(int[] a, int[] b) {
    int[] row = new int[b.length + 1];
    for (int j = 0; j <= b.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length];
  }
}
