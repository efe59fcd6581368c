/** What lanes share: the turns of a device's workers, and the memory that batches are assembled in. */
@NullMarked
package turnout.gateway.device;

import org.jspecify.annotations.NullMarked;
