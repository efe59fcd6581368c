@NullMarked
package turnout.backend.remote;

import org.jspecify.annotations.NullMarked;
