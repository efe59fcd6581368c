@NullMarked
package turnout.gateway.lifecycle;

import org.jspecify.annotations.NullMarked;
