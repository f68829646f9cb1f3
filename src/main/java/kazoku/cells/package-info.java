/**
 * The family: one public record a cell, and this guide to them.
 *
 * <p>Letters are fixed for all of them: B batch, T time, I input, H hidden; rows are samples, so
 * that {@code x·W} has x {@code [B,I]} and W {@code [I,H]}. {@code ⊙} is the elementwise product,
 * {@code σ} the logistic sigmoid, {@code split_k} cuts the last axis in k blocks in the order
 * printed, and a prime marks the value after the step. {@code W_z} is the block z of W, {@code
 * LN(a; γ, β)} a layer norm with its gain and shift, {@code [:,None]} a new axis, {@code Σ} a sum
 * over the last axis, and {@code rows(a; k)} takes a apart in k rows. A name that is given again,
 * as in {@code f = σ(f)}, is from there on the new value. In names of weights Greek letters and
 * subscripts are spelled: {@code gamma_1}. {@link kazoku.draw.Equations} prints these equations
 * from what a cell computes. Where a cell does not say otherwise, input matrices start
 * glorot-uniform, recurrent matrices orthogonal, biases and shifts at zero, gains at one.
 *
 * <h2>One hidden layer</h2>
 *
 * <p>An <em>Elman network</em> sees its input and a copy of its own hidden layer. Everything below
 * refines this step.
 *
 * <ul>
 *   <li>{@link kazoku.cells.ElmanRNNCell}: the plain step
 *   <li>{@link kazoku.cells.JordanRNNCell}: feeds back the output instead
 *   <li>{@link kazoku.cells.IRNNCell}: a rectifier whose matrix starts as the identity
 *   <li>{@link kazoku.cells.LayerNormRNNCell}: with a normalised sum
 *   <li>{@link kazoku.cells.LeakyRNNCell}: behind a low-pass filter
 *   <li>{@link kazoku.cells.ESNCell}: fixed and random, an echo state pool
 *   <li>{@link kazoku.cells.SCRNCell}: with a slow context beside it
 *   <li>{@link kazoku.cells.ClockworkRNNCell}: in modules with clocks
 *   <li>{@link kazoku.cells.SelectiveUpdateRNNCell}: with a clock for each unit
 *   <li>{@link kazoku.cells.MultiplicativeRNNCell}: whose input chooses the matrix, in factors
 *   <li>{@link kazoku.cells.SecondOrderRNNCell}: the same without factors
 *   <li>{@link kazoku.cells.FastRNNCell}: with a weighted residual
 *   <li>{@link kazoku.cells.PLRNNCell}: piecewise linear
 *   <li>{@link kazoku.cells.RHNCell}: in several highway layers
 *   <li>{@link kazoku.cells.ShufflingRNNCell}: that only permutes its state
 *   <li>{@link kazoku.cells.ConvRNNCell}: on images
 * </ul>
 *
 * <h2>A gated memory</h2>
 *
 * <p>The <em>LSTM</em> adds a memory that is written, kept and shown through gates.
 *
 * <ul>
 *   <li>{@link kazoku.cells.OriginalLSTMCell}: of 1997, which never forgets
 *   <li>{@link kazoku.cells.LSTMCell}: with a forget gate, what is meant today
 *   <li>{@link kazoku.cells.PeepholeLSTMCell}: whose gates look at the memory
 *   <li>{@link kazoku.cells.WMCLSTMCell}: by full matrices
 *   <li>{@link kazoku.cells.ProjectedLSTMCell}: with a narrow feedback
 *   <li>{@link kazoku.cells.CoupledLSTMCell}: that writes what it forgets
 *   <li>{@link kazoku.cells.LayerNormLSTMCell}: with layer norms, in three forms
 *   <li>{@link kazoku.cells.BatchNormLSTMCell}: with batch norms
 *   <li>{@link kazoku.cells.WeightNormLSTMCell}: with normalised weights
 *   <li>{@link kazoku.cells.GroupLSTMCell}: in independent groups
 *   <li>{@link kazoku.cells.MultiplicativeLSTMCell}: whose input chooses the matrix
 *   <li>{@link kazoku.cells.MogrifierLSTMCell}: whose input and state gate each other first
 *   <li>{@link kazoku.cells.NestedLSTMCell}: whose memory is an LSTM
 *   <li>{@link kazoku.cells.MCLSTMCell}: with a read-out of its own for the gates
 *   <li>{@link kazoku.cells.ResLSTMCell}: with a shortcut
 *   <li>{@link kazoku.cells.HyperLSTMCell}: scaled by a small LSTM
 *   <li>{@link kazoku.cells.ONLSTMCell}: whose units are ordered
 *   <li>{@link kazoku.cells.PhasedLSTMCell}: whose units open by the clock
 *   <li>{@link kazoku.cells.JANETCell}: with the forget gate alone
 *   <li>{@link kazoku.cells.NASCell}: found by a search
 *   <li>{@link kazoku.cells.TimeFreqLSTMCell}: along frequency and time
 *   <li>{@link kazoku.cells.GridLSTMCell}: with an LSTM for each
 *   <li>{@link kazoku.cells.BidirectionalGridLSTMCell}: in both directions
 *   <li>{@link kazoku.cells.ConvLSTMCell}: on images
 * </ul>
 *
 * <h2>Two gates or fewer</h2>
 *
 * <p>The <em>GRU</em> makes do without a memory of its own: one gate interpolates between state and
 * candidate, another resets.
 *
 * <ul>
 *   <li>{@link kazoku.cells.GRUCell}: reset before the product
 *   <li>{@link kazoku.cells.GRUResetAfterCell}: reset after it, as cuDNN
 *   <li>{@link kazoku.cells.LayerNormGRUCell}: with layer norms
 *   <li>{@link kazoku.cells.MGUCell}: one gate for both
 *   <li>{@link kazoku.cells.LiGRUCell}: no reset, a rectifier and a batch norm
 *   <li>{@link kazoku.cells.LightRUCell}: a candidate that sees the input only
 *   <li>{@link kazoku.cells.MinimalRNNCell}: an average of encoded inputs
 *   <li>{@link kazoku.cells.CFNCell}: that cannot be chaotic
 *   <li>{@link kazoku.cells.UGRNNCell}: one update gate
 *   <li>{@link kazoku.cells.IntersectionRNNCell}: and one along depth
 *   <li>{@link kazoku.cells.MUT1Cell}: the first of three found by mutation
 *   <li>{@link kazoku.cells.MUT2Cell}: the second
 *   <li>{@link kazoku.cells.MUT3Cell}: the third
 *   <li>{@link kazoku.cells.ATRCell}: gates by sum and difference
 *   <li>{@link kazoku.cells.STARCell}: made to be stacked
 *   <li>{@link kazoku.cells.BRCell}: bistable units
 *   <li>{@link kazoku.cells.NBRCell}: driven by the layer
 *   <li>{@link kazoku.cells.SGRNCell}: one projection for gate and content
 *   <li>{@link kazoku.cells.SGUCell}: a multiplicative gate path
 *   <li>{@link kazoku.cells.DSGUCell}: one layer deeper
 *   <li>{@link kazoku.cells.FastGRNNCell}: shared, low-rank matrices
 *   <li>{@link kazoku.cells.MiRU1Cell}: a constant for the update gate
 *   <li>{@link kazoku.cells.MiRU2Cell}: constants for both
 *   <li>{@link kazoku.cells.TauGRUCell}: feedback from some steps ago
 *   <li>{@link kazoku.cells.GRUDCell}: for missing values
 *   <li>{@link kazoku.cells.GRUODECell}: as a differential equation
 *   <li>{@link kazoku.cells.GORUCell}: with a rotation for the candidate
 *   <li>{@link kazoku.cells.ConvGRUCell}: on images
 * </ul>
 *
 * <h2>Each unit for itself</h2>
 *
 * <p>Without a full recurrent matrix a step costs as much as its units; the mixing is left to the
 * next layer.
 *
 * <ul>
 *   <li>{@link kazoku.cells.IndRNNCell}: the Elman network
 *   <li>{@link kazoku.cells.IndyGRUCell}: the GRU
 *   <li>{@link kazoku.cells.IndyLSTMCell}: the LSTM
 *   <li>{@link kazoku.cells.ELSTMCell}: an LSTM with an exact real-time gradient
 *   <li>{@link kazoku.cells.RANCell}: sums of linear contents
 * </ul>
 *
 * <h2>Differential equations and rotations</h2>
 *
 * <p>The step of a system whose state neither grows nor fades.
 *
 * <ul>
 *   <li>{@link kazoku.cells.AntisymmetricRNNCell}: with an antisymmetric matrix
 *   <li>{@link kazoku.cells.GatedAntisymmetricRNNCell}: and a gate
 *   <li>{@link kazoku.cells.LipschitzRNNCell}: with bounded matrices
 *   <li>{@link kazoku.cells.CoRNNCell}: coupled oscillators
 *   <li>{@link kazoku.cells.UnICORNNCell}: uncoupled ones
 *   <li>{@link kazoku.cells.LEMCell}: with learnt time steps
 *   <li>{@link kazoku.cells.OrthogonalRNNCell}: an orthogonal matrix
 *   <li>{@link kazoku.cells.UnitaryRNNCell}: a unitary one
 *   <li>{@link kazoku.cells.LMUCell}: a window as Legendre coefficients
 *   <li>{@link kazoku.cells.CfCCell}: a liquid cell, solved
 *   <li>{@link kazoku.cells.LTCCell}: a liquid cell, stepped
 * </ul>
 *
 * <h2>Linear in the state</h2>
 *
 * <p>What is written may depend on the input in any way, what is kept only multiplies: these cells
 * run as a parallel scan, in about 3√T steps in the place of T.
 *
 * <ul>
 *   <li>{@link kazoku.cells.TRNNCell}: typed
 *   <li>{@link kazoku.cells.TGRUCell}: typed, with the last input
 *   <li>{@link kazoku.cells.TLSTMCell}: typed, with a read-out
 *   <li>{@link kazoku.cells.SRUCell}: all products on the input (version 1)
 *   <li>{@link kazoku.cells.QRNNCell}: gates by convolution
 *   <li>{@link kazoku.cells.MinGRUCell}: the GRU's gates without the state
 *   <li>{@link kazoku.cells.MinLSTMCell}: the LSTM's
 *   <li>{@link kazoku.cells.HGRNCell}: forgetting with a lower bound
 *   <li>{@link kazoku.cells.LRUCell}: complex and diagonal
 *   <li>{@link kazoku.cells.RGLRUCell}: real and gated
 *   <li>{@link kazoku.cells.SelectiveSSMCell}: the recurrence of Mamba
 *   <li>{@link kazoku.cells.RWKVCell}: a fading average
 * </ul>
 *
 * <h2>A matrix for a state</h2>
 *
 * <p>Keys are written with values, queries read them: linear attention, by the same scan.
 *
 * <ul>
 *   <li>{@link kazoku.cells.RetNetCell}: with a fixed decay
 *   <li>{@link kazoku.cells.GLACell}: with a gated one
 *   <li>{@link kazoku.cells.DeltaNetCell}: that first removes what the key retrieves
 *   <li>{@link kazoku.cells.GatedDeltaNetCell}: and fades
 *   <li>{@link kazoku.cells.MLSTMCell}: with exponential gates
 *   <li>{@link kazoku.cells.SLSTMCell}: its sibling with a vector, which is not linear
 * </ul>
 *
 * <h2>Outside memory</h2>
 *
 * <p>A controller, which may be any cell, reads and writes a memory.
 *
 * <ul>
 *   <li>{@link kazoku.cells.NTMCell}: by content and by shifts
 *   <li>{@link kazoku.cells.DNCCell}: with allocation and links
 * </ul>
 *
 * <h2>By class of recurrence</h2>
 *
 * <table>
 * <caption>How the state after a step depends on the state before it</caption>
 * <tr><th>class</th><th>depends</th><th>runs as</th><th>for example</th></tr>
 * <tr><td>dense</td><td>through an [H,H] matrix and a function</td><td>loop</td><td>LSTM, GRU</td></tr>
 * <tr><td>elementwise</td><td>unit by unit, through a function</td><td>loop, without a product</td><td>IndRNN, BRC</td></tr>
 * <tr><td>linear</td><td>{@code a⊙s + b}, a and b free of s</td><td>scan</td><td>MinGRU, Mamba</td></tr>
 * <tr><td>linear, matrices</td><td>{@code P·S + N}, or with a running maximum</td><td>scan</td><td>DeltaNet, mLSTM</td></tr>
 * <tr><td>composite</td><td>through an inner cell</td><td>loop</td><td>NTM, DNC, LMU</td></tr>
 * </table>
 *
 * <p>The class is found out from the recorded step, not declared: an own cell that is linear in its
 * state is scanned as well, and {@code IndRNNCell} with the identity for a function is linear.
 *
 * <h2>Adding one</h2>
 *
 * <p>Write a record as these are, in a file of its own, and its golden file; the tests find both,
 * and say what is missing: {@link kazoku.cells.About} for the README, a line in this guide.
 */
package kazoku.cells;
