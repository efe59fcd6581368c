@NullMarked
package turnout.gateway.source;

import org.jspecify.annotations.NullMarked;
