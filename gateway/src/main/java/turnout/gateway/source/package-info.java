/**
 * Which models and versions exist, as directories say; looked at again and again, and trusted only once they stand still.
 */
@NullMarked
package turnout.gateway.source;

import org.jspecify.annotations.NullMarked;
