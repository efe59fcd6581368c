/** Results that may be served again: one flight per question, entries that cannot be mistaken for another's. */
@NullMarked
package turnout.gateway.cache;

import org.jspecify.annotations.NullMarked;
