package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static turnout.testkit.TensorAssert.assertThatTensor;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.spi.Tensor;
import turnout.testkit.Mutator;
import turnout.testkit.Tensors;

/**
 * Requests of all four doors with bytes changed: a client's fault is never answered as the server's, each call ends, and the server is as
 * before. For as long as {@code -Dfuzz.seconds} says, for a few hundred requests otherwise.
 */
@Tag("fuzz")
class FuzzIT {
    private static final long SEED = 20_261_124;
    private static final int ROUNDS = 100;
    private static final int AT_A_TIME = 8;
    private static final long PATIENCE_SECONDS = 60;

    private final Random random = new Random(SEED);

    @Test
    void changedRequestsAreAnsweredOrRefusedAndLeaveNothingBehind(@TempDir Path folder) throws IOException {
        ModelFolder models = new ModelFolder(folder)
                .add("half_plus_two", "half_plus_two_onnx", "multi_io_onnx", "identity_string_onnx", "examples");
        // A changed reload may well be a good one, and take the models away.
        try (Served server =
                        Served.start(models, "repository-control: off", "limits: {body: 1MiB, inflated-body: 1MiB}");
                ChangedCalls calls = new ChangedCalls(server.port());
                Doors doors = new Doors(server.port())) {
            String before = server.err();
            changeRequests(server, calls);
            assertThat(server.get("/v2/health/ready").statusCode()).isEqualTo(200);
            Tensor two = Tensors.floats(2);
            for (Door door : Door.values()) {
                assertThatTensor(doors.ask(door, Question.xToY("half_plus_two_onnx", two))
                                .join()
                                .output("y"))
                        .hasFloats(3);
            }
            await().atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                    .untilAsserted(() -> assertThat(server.get("/metrics").body())
                            .containsPattern("(?m)^turnout_calls_in_flight(\\{.*})? 0\\.0$")
                            .containsPattern("(?m)^turnout_bytes_in_flight(\\{.*})? 0\\.0$"));
            assertThat(server.err().substring(before.length()))
                    .doesNotContain("\tat ", "defect", "Exception", "Error:");
        }
    }

    private void changeRequests(Served server, ChangedCalls calls) throws IOException {
        long seconds = Long.getLong("fuzz.seconds", 0);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        List<ChangedCalls.Seed> seeds = ChangedCalls.seeds();
        List<Mutator> mutators = new ArrayList<>();
        for (ChangedCalls.Seed seed : seeds) {
            mutators.add(new Mutator(SEED, List.of(seed.body())));
        }
        Mutator heads = new Mutator(
                SEED,
                seeds.stream()
                        .filter(seed -> !seed.isGrpc())
                        .map(ChangedCalls.Seed::asText)
                        .toList());
        long sent = 0;
        for (int round = 0; seconds == 0 ? round < ROUNDS : System.nanoTime() < end; round++) {
            List<ChangedCalls.Sent> under = new ArrayList<>();
            for (int i = 0; i < AT_A_TIME; i++) {
                int pick = random.nextInt(seeds.size());
                under.add(calls.send(seeds.get(pick), mutators.get(pick).next(), random));
            }
            for (ChangedCalls.Sent call : under) {
                assertThat(call.fault().toCompletionStage().toCompletableFuture())
                        .as(
                                "round %d: %s; not answered of this round: %s",
                                round,
                                call.request(),
                                under.stream()
                                        .filter(c -> !c.fault().isComplete())
                                        .map(ChangedCalls.Sent::request)
                                        .toList())
                        .succeedsWithin(Duration.ofSeconds(PATIENCE_SECONDS))
                        .isEqualTo("");
            }
            byte[] head = heads.next();
            assertThat(new RawBytes("changed", head, "").sendTo(server.port()))
                    .as("round %d", round)
                    .doesNotContainPattern("HTTP/1\\.1 (500|502|504)");
            sent += AT_A_TIME + 1;
        }
        System.getLogger(FuzzIT.class.getName()).log(System.Logger.Level.INFO, "{0} requests sent", sent);
    }
}
