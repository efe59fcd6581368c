package turnout.gateway.edge;

import io.netty.channel.ChannelFuture;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;

/** Ends what a client leaves undone: one stream of HTTP/2, the whole connection of HTTP/1.1. */
final class HangUp {
    private static final long CANCEL = 8;

    // Closing with unread bytes resets the connection, and the client may lose an answer that it has not read yet.
    private static final long LINGER_MILLIS = 500;

    private HangUp() {}

    /** At once, without waiting for the client to read what was written. */
    static void now(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            Future<Void> ignored = request.response().reset(CANCEL);
        } else if (request.connection() instanceof HttpServerConnection connection) {
            // Past Vert.x, whose close waits until everything is flushed.
            ChannelFuture ignored = connection.channelHandlerContext().close();
        } else {
            Future<Void> ignored = request.connection().close();
        }
    }

    /** Once the answer is written; Vert.x closes only for a header of the request, not for one of the response. */
    static void afterAnswer(Vertx vertx, HttpServerRequest request, Future<Void> written) {
        if (request.version() == HttpVersion.HTTP_2) {
            return;
        }
        written.onComplete(done -> {
            if (request.isEnded() || !expectsBody(request)) {
                Future<Void> ignored = request.connection().close();
            } else {
                vertx.setTimer(LINGER_MILLIS, id -> now(request));
            }
        });
    }

    /** Whether an HTTP/1.1 request has a body that nobody has read to its end. */
    static boolean leavesBodyUnread(HttpServerRequest request) {
        return request.version() != HttpVersion.HTTP_2 && !request.isEnded() && expectsBody(request);
    }

    private static boolean expectsBody(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return request.headers().contains("Transfer-Encoding") || (length != null && !length.equals("0"));
    }
}
