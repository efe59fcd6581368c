package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static turnout.testkit.Tensors.shape;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.spi.DataType;
import turnout.testkit.Tensors;

/** How a server ends that is asked to. */
final class DrainIT {
    private static final int FOR_EVER = 1_000_000_000;

    private final ModelFolder models;

    DrainIT(@TempDir Path folder) {
        models = new ModelFolder(folder)
                .add("half_plus_two", "half_plus_two_onnx", "slow_matrix_onnx")
                .settings("slow_matrix_onnx", "batching: {join: never}\n");
    }

    @BeforeAll
    static void bePatient() {
        Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
    }

    @Test
    void sigtermUnderLoadAnswersEveryCallThatWasMade() {
        try (Served server = Served.start(models, "drain: {grace: 2s, timeout: 1m}");
                Doors doors = new Doors(server.port());
                Load load = new Load(doors, reply -> {})) {
            int products = aboutASecond(doors);
            load.askWhile(
                    () -> server.get("/v2/health/ready").statusCode() == 200,
                    Question.xToY("half_plus_two", Doors.floats(1)),
                    Question.xToY("half_plus_two_onnx", Doors.floats(1)));
            load.awaitMore(100);
            // More of them than can run during the grace: they outlast the port.
            List<CompletableFuture<Reply>> underWay = Stream.of(Door.values())
                    .map(door -> doors.ask(door, slow(products)))
                    .toList();
            Figures figures = new Figures(server);
            await().until(() -> figures.exits("slow_matrix_onnx", "batched") > 0);

            server.terminate();

            load.awaitEnd();
            assertThat(load.failures()).isEmpty();
            assertThat(underWay)
                    .allSatisfy(call -> assertThat(Tensors.floatsOf(call.join().output("y")))
                            .containsExactly(2.5f));
            assertThat(server.exitCode()).isZero();
        }
    }

    @Test
    void duringTheGraceItIsLiveButNotReadyAndStillAnswers() {
        try (Served server = Served.start(models, "drain: {grace: 1m, timeout: 1m}");
                Doors doors = new Doors(server.port())) {
            server.terminate();
            await().until(() -> server.get("/v2/health/ready").statusCode() != 200);
            assertThat(server.get("/v2/health/live").statusCode()).isEqualTo(200);
            for (Door door : Door.values()) {
                assertThat(doors.ask(door, Question.xToY("half_plus_two", Doors.floats(1)))
                                .join()
                                .version())
                        .isEqualTo("1");
            }
        }
    }

    @Test
    void secondSigtermEndsItAtOnce() {
        try (Served server = Served.start(models, "drain: {grace: 1m, timeout: 1m}");
                Doors doors = new Doors(server.port())) {
            CompletableFuture<Reply> endless = doors.ask(Door.OIP_GRPC_RAW, slow(FOR_EVER));
            server.terminate();
            await().until(() -> server.get("/v2/health/ready").statusCode() != 200);
            assertThat(endless).isNotDone();

            server.terminate();

            // A drain ends with 0.
            assertThat(server.exitCode()).isEqualTo(1);
            assertThat(endless).failsWithin(Duration.ofMinutes(1));
        }
    }

    /** How many products take this machine about a second today. */
    private static int aboutASecond(Doors doors) {
        int products = 64;
        while (true) {
            long start = System.nanoTime();
            doors.ask(Door.OIP_GRPC_RAW, slow(products)).join();
            if (System.nanoTime() - start > Duration.ofMillis(250).toNanos()) {
                return 4 * products;
            }
            products *= 2;
        }
    }

    private static Question slow(int products) {
        return Question.of(
                "slow_matrix_onnx",
                Map.of("x", Tensors.floats(shape(1, 1), 1), "n", Tensors.ints(shape(1), products)),
                Map.of("y", DataType.FP32));
    }
}
