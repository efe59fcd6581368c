package turnout.gateway.app;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.config.TurnoutConfig;

/** What a signal does: the first one drains, the second one ends the process at once. */
final class Shutdown {
    private static final Logger log = LoggerFactory.getLogger(Shutdown.class);
    private static final int AT_ONCE = 1;

    private final TurnoutServer server;
    private final TurnoutConfig.Drain drain;
    private final boolean atTerminal;
    private final Runnable drained;
    private final AtomicInteger signals = new AtomicInteger();

    Shutdown(TurnoutServer server, TurnoutConfig.Drain drain, boolean atTerminal, Runnable drained) {
        this.server = server;
        this.drain = drain;
        this.atTerminal = atTerminal;
        this.drained = drained;
    }

    /** Called for each signal, on a thread of its own; must not block. */
    void signalled() {
        if (signals.incrementAndGet() > 1) {
            Runtime.getRuntime().halt(AT_ONCE);
        }
        // Nobody at a terminal waits for a load balancer to look away.
        Duration grace = atTerminal ? Duration.ZERO : drain.grace();
        log.info(
                "draining: {} ms of grace, then up to {} ms",
                grace.toMillis(),
                drain.timeout().toMillis());
        server.drain(grace, drain.timeout()).onComplete(done -> {
            log.info("drained");
            drained.run();
        });
    }
}
