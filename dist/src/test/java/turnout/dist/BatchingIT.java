package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.shape;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import turnout.protocol.openinference.ModelInferResponse;
import turnout.spi.DataType;
import turnout.spi.Tensor;
import turnout.testkit.Tensors;

/** What happens to calls that wait for a turn: joined, answered from the cache, given up, refused in time; beside a thousand models. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BatchingIT {
    private static final int TINY_MODELS = 1000;
    private static final int MOST_THREADS = 64;
    /** Products of matrices, so many that only a cancellation ends them. */
    private static final int FOR_EVER = 1_000_000_000;

    private final Served server;
    private final Doors doors;
    private final Figures figures;

    BatchingIT(@TempDir Path folder) {
        ModelFolder models = new ModelFolder(folder)
                .addAs("slow", "slow_matrix_onnx")
                .settings("slow", "instances: 1\nbatching: {max-batch-rows: 8}\n")
                .addAs("cached", "slow_matrix_onnx")
                .settings("cached", "instances: 1\ncache: {}\n");
        for (int i = 0; i < TINY_MODELS; i++) {
            models.addAs("tiny_" + i, "half_plus_two_onnx");
        }
        server = Served.start(models);
        doors = new Doors(server.port());
        figures = new Figures(server);
    }

    @BeforeAll
    void say() {
        Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
        System.out.println("a thousand models are ready after " + server.readyMillis() + " ms");
    }

    @AfterAll
    void stop() {
        doors.close();
        server.close();
    }

    @Test
    void aThousandModelsAnswerOnFewThreads() throws IOException {
        assertThat(server.readyLine().orElseThrow()).endsWith("(1002 models, 1002 versions)");
        List<Reply> replies = Burst.of(
                TINY_MODELS,
                64,
                i -> doors.ask(
                        i % 2 == 0 ? Door.OIP_GRPC_RAW : Door.TFS_GRPC_CONTENT,
                        Question.xToY("tiny_" + i, Tensors.floats(i))));
        for (int i = 0; i < TINY_MODELS; i++) {
            assertThatTensor(replies.get(i).output("y")).hasFloats(i / 2f + 2);
        }
        String status = Files.readString(Path.of("/proc", Long.toString(server.pid()), "status"));
        int threads = Integer.parseInt(status.replaceAll("(?s).*\\nThreads:\\s*([0-9]+)\\n.*", "$1"));
        System.out.println(threads + " threads");
        assertThat(threads).isLessThanOrEqualTo(MOST_THREADS);
    }

    @Test
    void alternatingShapesAreJoinedEachWithItsOwnKind() {
        long executions = figures.executions("slow");
        try (Occupied turn = occupy("slow")) {
            List<CompletableFuture<Reply>> replies = IntStream.range(0, 64)
                    .mapToObj(i -> doors.ask(Door.OIP_GRPC_RAW, slow("slow", row(1 + i % 4, i), 1)))
                    .toList();
            awaitExpiry("slow");
            turn.end();
            for (int i = 0; i < 64; i++) {
                assertThatTensor(replies.get(i).join().output("y")).isSameAs(row(1 + i % 4, i / 2f + 2));
            }
        }
        assertThat(figures.executions("slow") - executions).isPositive().isLessThanOrEqualTo(12);
    }

    @Test
    void identicalColdCallsRunOnceAtWhicheverDoor() {
        Question question = slow("cached", row(2, 40), 3);
        List<Door> everyDoor = List.of(Door.values());
        long inferences = figures.inferences("cached");
        List<CompletableFuture<Reply>> replies;
        try (Occupied turn = occupy("cached")) {
            replies = IntStream.range(0, 100)
                    .mapToObj(i -> doors.ask(everyDoor.get(i % everyDoor.size()), question))
                    .toList();
            awaitExpiry("cached");
            turn.end();
            replies.forEach(reply -> assertThatTensor(reply.join().output("y")).isSameAs(row(2, 22)));
        }
        assertThat(figures.inferences("cached") - inferences).isEqualTo(1);
        assertThat(cacheOutcome()).isEqualTo("hit");
    }

    private @Nullable String cacheOutcome() {
        JsonObject body = new JsonObject()
                .put(
                        "inputs",
                        new JsonObject()
                                .put("x", new JsonArray("[[40.0, 40.0]]"))
                                .put("n", new JsonArray("[3]")));
        HttpResponse<String> answer = doors.rest()
                .send("POST", "/v1/models/cached:predict", body.encode().getBytes(StandardCharsets.UTF_8))
                .join();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.headers().firstValue("x-turnout-cache").orElse(null);
    }

    @Test
    void callsOfClientsThatWentAwayAreNeverRun() throws IOException {
        long cancelled = figures.exits("slow", "cancelled");
        long inferences = figures.inferences("slow");
        try (Occupied turn = occupy("slow")) {
            List<Socket> sockets = new ArrayList<>();
            List<Runnable> cancels = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                sockets.add(postAndListen("/v2/models/slow/infer"));
                cancels.add(
                        infer(slow("slow", row(1, i), 1), Duration.ofMinutes(1)).cancel());
            }
            awaitExpiry("slow");
            for (Socket socket : sockets) {
                socket.close();
            }
            cancels.forEach(Runnable::run);
            await().until(() -> figures.exits("slow", "cancelled") - cancelled >= 40);
            turn.end();
            doors.ask(Door.OIP_GRPC_RAW, slow("slow", row(1, 4), 1)).join();
        }
        assertThat(figures.inferences("slow") - inferences).isEqualTo(1);
    }

    @Test
    void deadlineInTheQueueIsKeptWhileALongRunGoesOn() {
        try (Occupied turn = occupy("slow")) {
            byte[] openInference =
                    "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,1],\"data\":[1]},{\"name\":\"n\",\"datatype\":\"INT32\",\"shape\":[1],\"data\":[1]}]%s}"
                            .formatted(",\"parameters\":{\"timeout\":100000}")
                            .getBytes(StandardCharsets.UTF_8);
            byte[] tensorFlowServing = "{\"instances\":[{\"x\":[1],\"n\":1}]}".getBytes(StandardCharsets.UTF_8);

            HttpResponse<String> byParameter = doors.rest()
                    .send("POST", "/v2/models/slow/infer", openInference)
                    .join();
            assertThat(byParameter.statusCode()).as(byParameter.body()).isEqualTo(503);
            assertThat(byParameter.body()).contains("Request timeout expired");
            HttpResponse<String> byHeader = doors.rest()
                    .send("POST", "/v1/models/slow:predict", tensorFlowServing, "x-turnout-timeout-ms", "100")
                    .join();
            assertThat(byHeader.statusCode()).as(byHeader.body()).isEqualTo(504);
            awaitExpiry("slow");
            assertThat(turn.isHeld()).isTrue();
        }
    }

    /** A run that holds a model's only turn until it is ended. */
    private record Occupied(GrpcCaller.Started<ModelInferResponse> run) implements AutoCloseable {
        boolean isHeld() {
            return !run.response().isComplete();
        }

        void end() {
            run.cancel().run();
        }

        @Override
        public void close() {
            end();
        }
    }

    private Occupied occupy(String model) {
        long batched = figures.exits(model, "batched");
        Occupied turn = new Occupied(infer(slow(model, row(64, 0), FOR_EVER), Duration.ofMinutes(2)));
        await().until(() -> figures.exits(model, "batched") > batched);
        assertThat(turn.isHeld()).isTrue();
        return turn;
    }

    /** On this connection calls are read one after the other: when this one has expired in the queue, those before it are there, too. */
    private void awaitExpiry(String model) {
        assertThatThrownBy(() -> toJava(infer(slow(model, row(32, 0), 1), Duration.ofMillis(200))
                                .response())
                        .join())
                .hasMessageContaining("DEADLINE_EXCEEDED");
    }

    private GrpcCaller.Started<ModelInferResponse> infer(Question question, Duration timeout) {
        return doors.grpc()
                .start(
                        GrpcCaller.INFERENCE,
                        "ModelInfer",
                        Doors.inferRequest(question, true),
                        ModelInferResponse.getDefaultInstance(),
                        Map.of(),
                        timeout);
    }

    /** Writes a request and leaves its answer unread. */
    private Socket postAndListen(String path) throws IOException {
        String body =
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,1],\"data\":[1]},{\"name\":\"n\",\"datatype\":\"INT32\",\"shape\":[1],\"data\":[1]}]}";
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.getOutputStream()
                .write(("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                + body)
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static Question slow(String model, Tensor x, int products) {
        return Question.of(model, Map.of("x", x, "n", Tensors.ints(shape(1), products)), Map.of("y", DataType.FP32));
    }

    /** One row of equal numbers. */
    private static Tensor row(int columns, float value) {
        float[] values = new float[columns];
        Arrays.fill(values, value);
        return Tensors.floats(shape(1, columns), values);
    }

    private static <T> CompletableFuture<T> toJava(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture();
    }
}
