/**
 * How a recorded step becomes a graph; not part of the API.
 *
 * <p>{@link kazoku.internal.Vocabulary} has every operation with its rule; those along axes are in
 * {@link kazoku.internal.Axes}, convolution is in {@link kazoku.internal.Convolution}. {@link
 * kazoku.internal.Walk} turns expressions into operations. {@code Recurrence} lays a trace over
 * time. What need not be in the loop is taken out of it before: {@code KnownStates} finds states
 * that are known at all steps ({@code AfterKnown} runs the others), {@code Regroup} puts together
 * what can leave the loop, {@code ColumnSums} spares layouts of all steps, {@code Expanded} keeps
 * in it what would fill memory, {@code Readout} is what comes after it. {@code Reverse} takes the
 * gradient of a step in the vocabulary itself, {@code Plan} decides what the loops read, keep and
 * write, {@code TimeLoop} builds the forward and the backward loop from it ({@code WhileLoop} is
 * the bare loop), {@code Unrolled} writes every step out. {@code Linear} finds out how the state
 * depends on itself, and {@code Scan} runs {@code Chunks} of a linear recurrence side by side, by
 * loops as well. {@code AtOnce} chooses among them ({@code InKernel} is TensorFlow's own kernel),
 * and {@code Segments} is a loop around it, over segments of steps, that trades a second forward
 * pass for memory. {@code Draws} draws random masks. {@code JavaGradients} is the one place that
 * registers gradients with TensorFlow.
 */
package kazoku.internal;
