@NullMarked
package turnout.gateway.traffic;

import org.jspecify.annotations.NullMarked;
