package turnout.gateway.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.protocol.openinference.OpenInferenceProto;

/** Health that is watched, and what else is on the connection meanwhile. */
class GrpcHealthWatchTest {
    private static final String HELD = "/inference.GRPCInferenceService/ServerReady";
    private static final String WATCH = "/grpc.health.v1.Health/Watch";

    private static final byte SERVING = 1;

    private final List<RpcExchange> exchanges = new CopyOnWriteArrayList<>();
    private final Promise<Buffer> held = Promise.promise();
    private final EdgeRig rig = new EdgeRig(EdgeRig.CONFIG, registry -> registry.service(Objects.requireNonNull(
                    OpenInferenceProto.getDescriptor().findServiceByName("GRPCInferenceService")))
            .unary("ServerReady", (exchange, message) -> {
                exchanges.add(exchange);
                return held.future();
            }));
    private final HttpClient client = rig.vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void aDisconnectFiresTheCancellationsBesideAWatch() {
        HttpClientRequest call = open(HELD);
        call.end(frame(new byte[0]));
        await().atMost(20, SECONDS).until(() -> exchanges.size() == 1);
        HttpClientRequest watch = open(WATCH);
        List<Byte> seen = states(watch, "");
        await().atMost(20, SECONDS).until(() -> seen.contains(SERVING));
        assertThat(watch.connection()).isSameAs(call.connection());
        assertThat(exchanges.get(0).cancellation().isCancelled()).isFalse();

        result(watch.connection().close());

        await().atMost(20, SECONDS).until(() -> exchanges.get(0).cancellation().isCancelled());
        await().atMost(20, SECONDS).until(() -> rig.server().connections() == 0);
    }

    @Test
    void aModelThatAppearsWhileItIsWatchedTurnsServing() {
        List<Byte> seen = states(open(WATCH), "digits");
        await().atMost(20, SECONDS).until(() -> !seen.isEmpty());
        assertThat(seen).doesNotContain(SERVING);

        rig.models.put("digits", true);

        await().atMost(20, SECONDS).until(() -> seen.contains(SERVING));
    }

    private HttpClientRequest open(String path) {
        HttpClientRequest request = result(client.request(HttpMethod.POST, rig.port(), "127.0.0.1", path));
        request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
        return request;
    }

    /** Asks for a name's health; what comes back is added as it comes. */
    private static List<Byte> states(HttpClientRequest watch, String name) {
        List<Byte> states = new CopyOnWriteArrayList<>();
        Future<Void> reading = watch.response().map(response -> {
            response.handler(bytes -> states.add(bytes.getByte(bytes.length() - 1)));
            return null;
        });
        byte[] bytes = name.getBytes(UTF_8);
        watch.end(frame(Buffer.buffer()
                .appendByte((byte) 10)
                .appendByte((byte) bytes.length)
                .appendBytes(bytes)
                .getBytes()));
        result(reading.otherwiseEmpty());
        return states;
    }

    private static Buffer frame(byte[] message) {
        return Buffer.buffer().appendByte((byte) 0).appendInt(message.length).appendBytes(message);
    }
}
