/**
 * Lanes: where calls to one loaded version queue, are joined into batches, run and are split again.
 *
 * <p>{@link turnout.gateway.lane.Lanes} opens them; a {@link turnout.gateway.lane.Lane} is the typed door in.
 */
@NullMarked
package turnout.gateway.lane;

import org.jspecify.annotations.NullMarked;
