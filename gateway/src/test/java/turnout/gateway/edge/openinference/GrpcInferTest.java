package turnout.gateway.edge.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.CancelSource;
import turnout.gateway.call.Pipeline;
import turnout.gateway.call.RunFacts;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.edge.RpcExchange;
import turnout.gateway.edge.Services;
import turnout.protocol.openinference.ModelInferRequest;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;
import turnout.spi.Ticker;
import turnout.testkit.Tensors;

class GrpcInferTest {
    private final DoorRig catalog = new DoorRig(false);
    private final Vertx vertx = Vertx.vertx();
    private final DecodePool pool = new DecodePool(vertx, 1);

    @AfterEach
    void close() {
        result(vertx.close());
        catalog.close();
    }

    @Test
    void onlyLargeRepliesAreWrittenOnThePool() {
        CountDownLatch poolIsFree = new CountDownLatch(1);
        Future<Object> occupied = pool.run(() -> {
            poolIsFree.await();
            return "done";
        });

        Future<Buffer> small = infer(1000);
        Future<Buffer> large = infer(100_000);

        assertThat(small.isComplete()).isTrue();
        assertThat(large.isComplete()).isFalse();
        poolIsFree.countDown();
        assertThat(result(large).length()).isGreaterThan(400_000);
        assertThat(result(occupied)).isEqualTo("done");
    }

    private Future<Buffer> infer(int elements) {
        Pipeline pipeline = new Pipeline(List.of((call, next) -> Future.succeededFuture(new Answer(
                new ModelVersion("m", 1),
                Signature.of(Signature.DEFAULT, List.of(), List.of()),
                Map.of("y", Tensors.floats(new float[elements])),
                RunFacts.NONE))));
        Services services = new Services(pipeline, version -> Optional.empty(), Ticker.system(), "test");
        RpcExchange exchange = new RpcExchange(
                MultiMap.caseInsensitiveMultiMap(), new CallRecord("id", 0), new CancelSource(), null, null);
        byte[] message =
                ModelInferRequest.newBuilder().setModelName("m").build().toByteArray();
        return new GrpcInfer(services, new GrpcErrors(new Wording(catalog)), pool)
                .handle(exchange, ByteBuffer.wrap(message));
    }
}
