package turnout.gateway.lane;

import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import turnout.gateway.call.Route;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;

/** The typed door to one loaded version's queue. Safe for any thread. */
public interface Lane {
    /** The version behind it. */
    ModelVersion version();

    /** Differs between any two loads. */
    long generation();

    /** The version's signatures. */
    Map<String, Signature> signatures();

    /** Rows that wait for a run now. */
    long waitingRows();

    /** Bytes of inputs that wait for a run now. */
    long waitingBytes();

    /** The right to send one call; empty once the lane drains. The route's {@link Route#release()} gives it back. */
    Optional<Route> acquire(String arm);

    /** Gives out no more rights; completes when the last was given back and nothing runs. Idempotent. */
    Future<Void> drain();
}
