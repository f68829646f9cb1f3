package kazoku.draw;

/** One line: a quantity, or several that come from one cut, and what they are. */
record Equation(Formula left, Formula right) {}
