@NullMarked
package turnout.backend.tensorflow;

import org.jspecify.annotations.NullMarked;
