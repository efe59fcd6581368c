/** Counts, times and logs every call, those included that later rooms refuse. */
@NullMarked
package turnout.gateway.observe;

import org.jspecify.annotations.NullMarked;
