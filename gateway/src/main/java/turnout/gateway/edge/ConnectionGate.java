package turnout.gateway.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.spi.Ticker;

/** Counts the open connections of all event loops from their accept on, and lets no more in than the cap. Safe for any thread. */
final class ConnectionGate {
    private static final Logger log = LoggerFactory.getLogger(ConnectionGate.class);
    private static final long LOG_NANOS = Duration.ofSeconds(1).toNanos();

    private final EdgeConfig config;
    private final HttpServerOptions options;
    private final Ticker ticker;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong logDue;

    /**
     * @param options the listeners'
     */
    ConnectionGate(EdgeConfig config, HttpServerOptions options, Ticker ticker) {
        this.config = config;
        this.options = options;
        this.ticker = ticker;
        this.logDue = new AtomicLong(ticker.nanos());
    }

    /** Lets an accepted connection in, under a guard of its own; false if there are too many. */
    boolean admit(Channel accepted) {
        if (open.incrementAndGet() > config.connections()) {
            open.decrementAndGet();
            refused.incrementAndGet();
            logRefusals();
            return false;
        }
        ChannelFuture ignored = accepted.closeFuture().addListener(closed -> open.decrementAndGet());
        accepted.pipeline().addFirst(new ConnectionGuard(config, options, ticker));
        return true;
    }

    /** Connections that are open. */
    int open() {
        return open.get();
    }

    /** Connections that were closed because there were too many. */
    long refused() {
        return refused.get();
    }

    private void logRefusals() {
        long now = ticker.nanos();
        long due = logDue.get();
        if (now - due >= 0 && logDue.compareAndSet(due, now + LOG_NANOS)) {
            log.warn(
                    "connections are refused, {} so far: limits.connections ({}) are open",
                    refused.get(),
                    config.connections());
        }
    }
}
