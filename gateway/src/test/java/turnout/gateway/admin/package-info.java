@NullMarked
package turnout.gateway.admin;

import org.jspecify.annotations.NullMarked;
