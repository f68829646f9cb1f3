/** Figures and printed equations, made from a recorded step. */
package kazoku.draw;
