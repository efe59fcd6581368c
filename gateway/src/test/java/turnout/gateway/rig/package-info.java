/** What the tests of several rooms share: calls, lanes over fakes, and patience. */
@NullMarked
package turnout.gateway.rig;

import org.jspecify.annotations.NullMarked;
