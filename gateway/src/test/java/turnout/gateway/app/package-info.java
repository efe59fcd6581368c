@NullMarked
package turnout.gateway.app;

import org.jspecify.annotations.NullMarked;
