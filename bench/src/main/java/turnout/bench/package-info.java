/** Rivals for the server benchmark: what the same machine does without Turnout. */
@NullMarked
package turnout.bench;

import org.jspecify.annotations.NullMarked;
