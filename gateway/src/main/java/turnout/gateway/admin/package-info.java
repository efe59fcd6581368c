/** The operator's listener: what is served and why, and the few things that may be changed while it runs. Never on the data port. */
@NullMarked
package turnout.gateway.admin;

import org.jspecify.annotations.NullMarked;
