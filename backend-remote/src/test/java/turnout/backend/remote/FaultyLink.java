package turnout.backend.remote;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A TCP relay in front of a server that can be cut or fall silent, as networks do. */
final class FaultyLink implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final NetClient client = vertx.createNetClient();
    private final NetServer server;
    private final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean silent;

    FaultyLink(int targetPort) {
        server = vertx.createNetServer()
                .connectHandler(front -> {
                    front.pause();
                    sockets.add(front);
                    client.connect(targetPort, "127.0.0.1")
                            .onSuccess(back -> join(front, back))
                            .onFailure(e -> close(front));
                })
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    int port() {
        return server.actualPort();
    }

    /** Swallows everything from now on; connections stay open. */
    void fallSilent() {
        silent = true;
    }

    /** Lets new bytes through again. */
    void speakAgain() {
        silent = false;
    }

    /** Breaks all connections and accepts no more, without a word of HTTP/2. */
    void cut() {
        server.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
        sockets.forEach(FaultyLink::close);
    }

    @Override
    public void close() {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private void join(NetSocket front, NetSocket back) {
        sockets.add(back);
        relay(front, back);
        relay(back, front);
        front.resume();
    }

    private void relay(NetSocket from, NetSocket to) {
        from.handler(bytes -> {
            if (!silent) {
                to.write(bytes).onFailure(e -> close(from));
            }
        });
        from.closeHandler(v -> {
            sockets.remove(from);
            close(to);
        });
    }

    private static void close(NetSocket socket) {
        socket.close().onFailure(e -> {
            // Closed already.
        });
    }
}
