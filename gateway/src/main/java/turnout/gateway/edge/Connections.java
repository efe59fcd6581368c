package turnout.gateway.edge;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import turnout.spi.Ticker;

/**
 * The open connections of one event loop: caps their number and closes those that have nothing to say.
 *
 * <p>A connection that never completes a head is closed after the head timeout, whatever it drips; one without an open request after the
 * keep-alive time. Used on its event loop only, but for the shared count.
 */
final class Connections {
    private static final long SWEEP_MILLIS = 1000;

    private final EdgeConfig config;
    private final Ticker ticker;
    private final AtomicInteger open;
    private final Map<HttpConnection, Activity> activities = new HashMap<>();

    /**
     * @param open connections of all event loops
     */
    Connections(Vertx vertx, EdgeConfig config, Ticker ticker, AtomicInteger open) {
        this.config = config;
        this.ticker = ticker;
        this.open = open;
        vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
    }

    void opened(HttpConnection connection) {
        int count = open.incrementAndGet();
        connection.closeHandler(closed -> {
            open.decrementAndGet();
            activities.remove(connection);
        });
        if (count > config.connections()) {
            connection.close();
            return;
        }
        activities.put(connection, new Activity(ticker.nanos()));
    }

    /** A head is complete: the connection is busy until the request was answered. */
    void busy(HttpServerRequest request) {
        Activity activity = activities.get(request.connection());
        if (activity == null) {
            return;
        }
        activity.requests++;
        activity.openRequests++;
        activity.isHttp2 = request.version() == HttpVersion.HTTP_2;
        request.response().endHandler(end -> {
            activity.openRequests--;
            activity.idleSince = ticker.nanos();
        });
    }

    private void sweep() {
        long now = ticker.nanos();
        for (Map.Entry<HttpConnection, Activity> entry : List.copyOf(activities.entrySet())) {
            Activity activity = entry.getValue();
            Duration limit = activity.requests == 0 ? config.headTimeout() : config.keepAlive();
            if (activity.openRequests > 0 || now - activity.idleSince < limit.toNanos()) {
                continue;
            }
            if (activity.isHttp2) {
                // GOAWAY first: a client that sends its next request at this moment sees that it was not taken.
                entry.getKey().shutdown(5, TimeUnit.SECONDS);
                activities.remove(entry.getKey());
            } else {
                entry.getKey().close();
            }
        }
    }

    private static final class Activity {
        private long idleSince;
        private long requests;
        private int openRequests;
        private boolean isHttp2;

        Activity(long now) {
            idleSince = now;
        }
    }
}
