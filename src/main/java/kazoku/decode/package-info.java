/**
 * From the scores of each step to labels, and from sequences to other sequences.
 *
 * <p>A recurrent network gives a score for each label at each step, {@code [B, T, K]}. Where every
 * step has a label and neighbours depend on each other (words and their tags), {@link
 * kazoku.decode.Crf} scores whole label sequences, and {@link kazoku.decode.Chain} computes with
 * them: how likely given labels are, the best ones after Viterbi, how likely each label is at each
 * step.
 *
 * <pre>{@code
 * Signal scores = layers.apply(w, new Signal(x, lengths));              // [B, T, K]
 * Chain chain = Chain.of(tf, new Crf(9).apply(w.in("crf"), scores));
 * Operand<TNumber> loss = chain.negativeLogLikelihood(labels);          // [B]
 * Decoded best = chain.best();                                          // [B, T]
 * }</pre>
 *
 * <p>Where a row has fewer labels than steps, and nobody says which step belongs to which (sounds
 * and letters), {@link kazoku.decode.Ctc} sums over all ways to lay the labels out, with a blank
 * between them:
 *
 * <pre>{@code
 * Ctc ctc = new Ctc();                                  // the blank is the last score
 * Operand<TNumber> loss =
 *     ctc.negativeLogLikelihood(tf, scores, labels, labelLengths);      // [B]
 * Decoded found = ctc.beamSearch(tf, scores, 100);                      // [B, T]
 * }</pre>
 *
 * <p>Where a sequence is to be written that has little to do with the steps of the first (a
 * translation, an answer), {@link kazoku.decode.EncoderDecoder} reads the one and writes the other;
 * {@link kazoku.decode.Decoder} alone is a language model. Both are layers that are trained, and
 * give layers over the same weights that write by themselves: greedily, by drawing, or with a beam.
 *
 * <pre>{@code
 * Decoder decoder = new Decoder(new GRUCell(64, 128), words, START, END, 50);
 * EncoderDecoder net = new EncoderDecoder(embedding, new RNN(new GRUCell(64, 128)), decoder);
 * try (Model model = Model.of(net, Inputs.tokens().tokens("target"), 42)) {
 *   model.fit(data, new Adam(1e-3), Loss.softmaxCrossEntropy(), Epochs.of(20));
 *   int[][] answers = model.view(net.beam(5, 0.6), Inputs.tokens()).tokens(questions);
 * }
 * }</pre>
 *
 * <p>Everything is built in the caller's graph, from operands and to operands, with gradients that
 * {@code Graph.addGradients} takes. {@link kazoku.decode.Decoded} is what was found; −1 stands
 * where there is no label.
 *
 * <p>A {@link kazoku.train.Model} learns by {@link kazoku.decode.Crf#loss} or {@link
 * kazoku.decode.Ctc#loss}, and gives labels through a view that ends with {@link
 * kazoku.decode.Crf#decoding} or {@link kazoku.decode.Ctc#decoding()}:
 *
 * <pre>{@code
 * model.fit(train.labelSequences(letters), new Adam(1e-3), ctc.loss(), Epochs.of(40));
 * int[][] found = model.view(new Sequential(rnn, dense, ctc.decoding(100))).tokens(test);
 * }</pre>
 *
 * <p>The recurrences of a chain are cells like any other, laid over time by {@link kazoku.RNN}: the
 * sum over all paths, the best path, and the way back along it. So is writing: a cell around the
 * decoder's cell reads what it chose the step before. They are not public, because they are no use
 * alone.
 *
 * <p>Letters: B rows (batch), T steps (time), K labels, C labels and the blank, L labels of a row;
 * V tokens, K hypotheses.
 */
package kazoku.decode;
