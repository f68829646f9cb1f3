/**
 * Training: {@link kazoku.train.Model} owns a graph, a session and weights; {@link
 * kazoku.train.Sequences} is data of different lengths; {@link kazoku.train.Loss} is made small by
 * an {@link kazoku.train.Optimizer} for some {@link kazoku.train.Epochs}, {@link
 * kazoku.train.Callback} hears how it goes, and {@link kazoku.train.History} is what remains.
 *
 * <pre>{@code
 * Sequences train = Sequences.of(utterances).labels(speakers);
 * Layer layers = new Sequential(new RNN(new LSTMCell(12, 64)).last(), new Dense(64, 9));
 * try (Model model = Model.of(layers, 42)) {
 *   model.fit(train, new Adam(5e-3).clip(1), Loss.softmaxCrossEntropy(), Epochs.of(40));
 *   System.out.println(model.evaluate(test, Loss.softmaxCrossEntropy()));
 *   model.export(Path.of("speaker-model"));
 * }
 * }</pre>
 *
 * <p>Optimizers are composed: {@code new Adam(Schedule.cosine(1e-3, 10_000, 0).warmUp(500))
 * .weightDecay(0.01, "/[WU]$").clip(1).every(4).average(0.999)} is AdamW with a {@link
 * kazoku.train.Schedule} that counts updates, on the clipped mean gradients of four batches, with
 * averages of the weights beside them. What it remembers is in {@link kazoku.train.Slots}.
 *
 * <p>A {@link kazoku.train.Loss} may be your own equation, {@code Loss.of("cube", (y, t) ->
 * y.minus(t).abs().pow(Expr.constant(3)).mean())}, and brings a metric that costs nothing. A {@link
 * kazoku.train.Metric} is exact over all rows and valid steps of the data that is evaluated.
 *
 * <p>Data that is larger than memory is a {@link kazoku.train.Source}; {@link kazoku.train.Csv} and
 * {@link kazoku.train.TfRecords} read files. A long series becomes rows by {@code
 * Sequences.of(series).ahead(1).windows(30, 1)}.
 *
 * <p>While it trains: {@link kazoku.train.EarlyStopping}, {@link kazoku.train.OnPlateau}, {@link
 * kazoku.train.CsvLog}, {@link kazoku.train.TensorBoard}, {@link kazoku.train.Progress}. So that it
 * can go on: {@link kazoku.train.Checkpoints}. When it does not learn: {@link
 * kazoku.train.Model#summary}, {@link kazoku.train.GradientNorms}, {@link kazoku.train.RateCurve}.
 *
 * <p>How it is made: {@code Pass} is a layer in a graph, from what is fed to what it gives, and
 * {@code Objective} a loss on it. {@code Fit} is one training, epoch by epoch; {@code Course} has
 * its batches, pass after pass; {@code Lesson} learns one of them, by the update that {@code
 * Trainer} has built for loss and optimizer. The order of rows is a function of the seed and the
 * number of the pass, random values of the seed and the number of the update, and early stopping of
 * the history: so a checkpoint needs no more than Variables and these numbers. {@code Team} is who
 * trains, one process or several {@link kazoku.train.Workers}; of these, {@code Together} knows
 * what they tell each other, and {@code Joint} how they make one update.
 *
 * <p>{@link kazoku.train.Export} says what a SavedModel has: signatures for whole sequences, for
 * streams, for training further; {@link kazoku.train.Assets} are its texts.
 *
 * <p>Letters: B rows (batch), T steps (time), I numbers of an input step, O numbers of an output.
 */
package kazoku.train;
