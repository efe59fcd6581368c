package turnout.gateway.edge;

import io.netty.channel.ChannelFuture;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import turnout.gateway.call.CancelSource;

/** The connections of one event loop that speak HTTP, and the calls that end with them. Used on its event loop only. */
final class Connections {
    private final ConnectionGate gate;
    private final Map<HttpConnection, Set<CancelSource>> calls = new HashMap<>();

    Connections(ConnectionGate gate) {
        this.gate = gate;
    }

    void opened(HttpConnection connection) {
        if (!(connection instanceof HttpServerConnection server)) {
            throw new IllegalStateException("not a server's connection: " + connection);
        }
        if (ConnectionGuard.of(connection).isEmpty()
                && !gate.admit(server.channelHandlerContext().channel())) {
            connection.close();
            return;
        }
        calls.put(connection, new HashSet<>());
        whenClosed(server, () -> closed(connection));
        ConnectionGuard.of(connection).ifPresent(guard -> guard.opened(server));
    }

    /** Not Vert.x's closeHandler: a connection has one, and the health service sets its own. */
    static void whenClosed(HttpConnection connection, Runnable action) {
        if (!(connection instanceof HttpServerConnection server)) {
            throw new IllegalStateException("not a server's connection: " + connection);
        }
        ChannelFuture ignored = server.channelHandlerContext()
                .channel()
                .closeFuture()
                .addListener(closed -> server.context().emit(action, Runnable::run));
    }

    private void closed(HttpConnection connection) {
        Set<CancelSource> left = calls.remove(connection);
        if (left != null) {
            List.copyOf(left).forEach(CancelSource::cancel);
        }
    }

    /** A head is complete: the connection is busy until the request was answered. */
    void busy(HttpServerRequest request) {
        ConnectionGuard.of(request.connection()).ifPresent(guard -> {
            guard.requested();
            request.response().endHandler(end -> guard.answered());
        });
    }

    /** Fires the source when the connection ends before {@link #forget}; Vert.x does not tell an RPC whose message has been read. */
    void watch(HttpConnection connection, CancelSource call) {
        Set<CancelSource> open = calls.get(connection);
        if (open != null) {
            open.add(call);
        }
    }

    /** The call has its answer. */
    void forget(HttpConnection connection, CancelSource call) {
        Set<CancelSource> open = calls.get(connection);
        if (open != null) {
            open.remove(call);
        }
    }
}
