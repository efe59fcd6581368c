@NullMarked
package turnout.gateway.config;

import org.jspecify.annotations.NullMarked;
