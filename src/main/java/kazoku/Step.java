package kazoku;

/**
 * What one step of a cell gives.
 *
 * @param output the output of the step
 * @param next the state after the step
 */
public record Step(Expr output, State next) {}
