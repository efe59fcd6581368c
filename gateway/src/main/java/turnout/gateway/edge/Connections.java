package turnout.gateway.edge;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import turnout.gateway.call.CancelSource;
import turnout.spi.Ticker;

/**
 * The open connections of one event loop: caps their number and closes those that have nothing to say.
 *
 * <p>Vert.x tells of a connection when its first head (or the preface of HTTP/2) is complete; before that the head timeout ends it. One
 * without an open request is closed after the keep-alive time. Used on its event loop only, but for the shared count.
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
            Activity gone = activities.remove(connection);
            if (gone != null) {
                List.copyOf(gone.calls).forEach(CancelSource::cancel);
            }
        });
        if (count > config.connections()) {
            connection.close();
            return;
        }
        if (connection instanceof HttpServerConnection server) {
            // The deadline of the first head (see EdgeVerticle) has done its work.
            ChannelPipeline pipeline = server.channelHandlerContext().pipeline();
            if (pipeline.get(IdleStateHandler.class) != null) {
                pipeline.remove(IdleStateHandler.class);
            }
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

    /** Fires the source when the connection ends before {@link #forget}; Vert.x does not tell an RPC whose message has been read. */
    void watch(HttpConnection connection, CancelSource call) {
        Activity activity = activities.get(connection);
        if (activity != null) {
            activity.calls.add(call);
        }
    }

    /** The call has its answer. */
    void forget(HttpConnection connection, CancelSource call) {
        Activity activity = activities.get(connection);
        if (activity != null) {
            activity.calls.remove(call);
        }
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
        private final Set<CancelSource> calls = new HashSet<>();

        Activity(long now) {
            idleSince = now;
        }
    }
}
