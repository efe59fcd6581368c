@NullMarked
package turnout.testkit;

import org.jspecify.annotations.NullMarked;
