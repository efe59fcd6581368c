/** The distribution as its users start it: by the launcher, as processes of their own. */
@NullMarked
package turnout.dist;

import org.jspecify.annotations.NullMarked;
