package turnout.gateway.lifecycle;

import io.vertx.core.Future;
import turnout.gateway.lane.Lane;
import turnout.gateway.lane.LaneSpec;

/** Opens a lane over a loaded version. */
@FunctionalInterface
public interface LaneOpener {
    /** Called on the control thread; completes on any. */
    Future<Lane> open(LaneSpec spec);
}
