package turnout.backend.remote;

import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Makes gRPC clients that fit large tensors: one HTTP/2 connection per endpoint, which all calls share. */
final class RemoteClients {
    private static final Logger LOG = System.getLogger(RemoteClients.class.getPackageName());

    // The default of 64 KiB costs a round trip for every 64 KiB of an answer.
    private static final int STREAM_WINDOW = 16 << 20;
    private static final int CONNECTION_WINDOW = 64 << 20;
    private static final int MAX_MESSAGE = Integer.MAX_VALUE;

    private RemoteClients() {}

    static GrpcClient create(Vertx vertx, RemoteOptions options) {
        HttpClientOptions transport = new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                // Prior knowledge: gRPC servers know no upgrade from HTTP/1.1.
                .setHttp2ClearTextUpgrade(false)
                .setConnectTimeout(Math.toIntExact(options.connectTimeout().toMillis()))
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW);
        transport.setInitialSettings(
                new Http2Settings(transport.getInitialSettings()).setInitialWindowSize(STREAM_WINDOW));
        return GrpcClient.client(vertx, new GrpcClientOptions().setMaxMessageSize(MAX_MESSAGE), transport);
    }

    static void close(GrpcClient client) {
        client.close().onFailure(e -> LOG.log(Level.DEBUG, "while closing a client", e));
    }
}
