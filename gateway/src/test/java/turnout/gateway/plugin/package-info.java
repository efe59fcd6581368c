@NullMarked
package turnout.gateway.plugin;

import org.jspecify.annotations.NullMarked;
