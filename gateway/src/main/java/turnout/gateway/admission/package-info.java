/** The first door: bounds what is in flight, before any work is done for a call. */
@NullMarked
package turnout.gateway.admission;

import org.jspecify.annotations.NullMarked;
