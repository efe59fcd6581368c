package turnout.gateway.edge;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.TimeUnit;

/** How Vert.x listens: limits of heads, windows, flood guards. Its idle timeouts stay off, see {@link ConnectionGuard}. */
final class ListenerOptions {
    // Large tensors: with the protocol's 64 KiB a 10 MiB message at 10 ms round trip takes seconds.
    private static final int STREAM_WINDOW = 16 << 20;
    private static final int CONNECTION_WINDOW = 64 << 20;
    private static final int CONCURRENT_STREAMS = 1000;

    private ListenerOptions() {}

    static HttpServerOptions create() {
        HttpServerOptions options = new HttpServerOptions();
        Http2Settings settings = new Http2Settings(options.getInitialSettings())
                .setInitialWindowSize(STREAM_WINDOW)
                .setMaxConcurrentStreams(CONCURRENT_STREAMS)
                .setMaxHeaderListSize(16 * 1024);
        return options.setTcpNoDelay(true)
                .setMaxInitialLineLength(8 * 1024)
                .setMaxHeaderSize(16 * 1024)
                .setMaxChunkSize(64 * 1024)
                .setAcceptBacklog(1024)
                .setInitialSettings(settings)
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW)
                .setHttp2RstFloodMaxRstFramePerWindow(2000)
                .setHttp2RstFloodWindowDuration(30)
                .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS);
    }
}
