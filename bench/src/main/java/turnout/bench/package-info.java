/** Rivals for the benchmarks: what the same machine does without Turnout, and what they share. */
@NullMarked
package turnout.bench;

import org.jspecify.annotations.NullMarked;
