package turnout.backend.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static turnout.testkit.TensorAssert.assertThatTensor;

import io.vertx.grpc.common.GrpcStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.spi.Cancellation;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceResponse;
import turnout.testkit.Tensors;

/** What callers see while endpoints fail, as two servers do it behind links that can be cut. */
class EndpointFailureTest {
    private static final Duration AT_ONCE = Duration.ofMillis(500);

    private FakeTensorflowServing one;
    private FakeTensorflowServing two;
    private FaultyLink link;

    @BeforeEach
    @SuppressWarnings("NullAway.Init")
    void start() throws Exception {
        one = server(0);
        two = server(0);
        link = new FaultyLink(one.port());
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        one.close();
        two.close();
    }

    @Test
    void callsSpreadOverBothEndpoints(@TempDir Path directory) throws Exception {
        slowDown(one);
        slowDown(two);
        try (RemoteVersion version = RemoteVersion.load(directory, one.port(), two.port())) {
            assertAllAnswered(sendMany(version, 200));
        }
        assertThat(one.predicts()).isBetween(40, 160);
        assertThat(two.predicts()).isEqualTo(200 - one.predicts());
    }

    @Test
    void aSlowEndpointGetsFewerCalls(@TempDir Path directory) throws Exception {
        one.answering(call -> call.after(Duration.ofMillis(100), call::echo));
        try (RemoteVersion version = RemoteVersion.load(directory, one.port(), two.port())) {
            Semaphore eight = new Semaphore(8);
            List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                eight.acquire();
                answers.add(version.send(i).whenComplete((answer, failure) -> eight.release()));
            }
            assertAllAnswered(answers);
        }
        assertThat(one.predicts()).isLessThan(100);
    }

    @Test
    void noCallFailsWhenOneOfTwoServersIsKilledUnderLoad(@TempDir Path directory) throws Exception {
        slowDown(one);
        slowDown(two);
        try (RemoteVersion version = RemoteVersion.load(directory, link.port(), two.port())) {
            List<CompletableFuture<InferenceResponse>> answers = sendMany(version, 200);
            await().until(() -> one.predicts() > 50);
            link.cut();
            answers.addAll(sendMany(version, 200));
            assertAllAnswered(answers);
        }
    }

    @Test
    void anAnswerThatTheConnectionBreaksOffIsAskedForElsewhere(@TempDir Path directory) throws Exception {
        one.answering(FakeTensorflowServing.Call::hangUpMidway);
        try (RemoteVersion version = RemoteVersion.load(directory, one.port(), two.port())) {
            await().until(() -> {
                assertThatTensor(RemoteVersion.y(version.send(7))).hasFloats(7);
                return one.predicts() > 0;
            });
        }
    }

    @Test
    void noCallFailsWhenOneOfTwoServersSaysGoodbyeUnderLoad(@TempDir Path directory) throws Exception {
        slowDown(one);
        slowDown(two);
        try (RemoteVersion version = RemoteVersion.load(directory, one.port(), two.port())) {
            List<CompletableFuture<InferenceResponse>> answers = sendMany(version, 200);
            for (int round = 0; round < 5; round++) {
                one.goAway();
                answers.addAll(sendMany(version, 50));
            }
            assertAllAnswered(answers);
        }
    }

    @Test
    void noCallFailsWhenTheOnlyServerSaysGoodbye(@TempDir Path directory) throws Exception {
        slowDown(one);
        try (RemoteVersion version = RemoteVersion.load(directory, one.port())) {
            List<CompletableFuture<InferenceResponse>> answers = sendMany(version, 50);
            await().until(() -> one.predicts() == 50);
            one.goAway();
            answers.addAll(sendMany(version, 50));
            assertAllAnswered(answers);
        }
    }

    @Test
    void callsBeyondTheServersStreamsWaitForTheirTurn(@TempDir Path directory) throws Exception {
        try (FakeTensorflowServing narrow = FakeTensorflowServing.withFewStreams(2)
                        .signature("serving_default", RemoteVersion.xToY(DataType.FP32));
                RemoteVersion version = RemoteVersion.load(directory, narrow.port())) {
            assertAllAnswered(sendMany(version, 100));
        }
    }

    @Test
    void unavailableIsTriedOnTheOtherEndpointAndTakenOutAfterThreeTimes(@TempDir Path directory) throws Exception {
        try (RemoteVersion version = RemoteVersion.load(directory, one.port(), two.port())) {
            one.answering(call -> call.fail(GrpcStatus.UNAVAILABLE, "overloaded"));
            for (int i = 0; i < 50; i++) {
                assertThatTensor(RemoteVersion.y(version.send(i))).hasFloats(i);
            }
        }
        assertThat(one.predicts()).isBetween(3, 4);
    }

    @Test
    void otherFailuresAreNotTriedAgain(@TempDir Path directory) throws Exception {
        Consumer<FakeTensorflowServing.Call> failing = call -> call.fail(GrpcStatus.INTERNAL, "broken");
        one.answering(failing);
        two.answering(failing);
        try (RemoteVersion version = RemoteVersion.load(directory, one.port(), two.port())) {
            assertThat(RemoteVersion.failure(version.send(1)).code()).isEqualTo(ErrorCode.MODEL_FAILED);
        }
        assertThat(one.predicts() + two.predicts()).isEqualTo(1);
    }

    @Test
    void withNoEndpointLeftCallsFailAtOnceAndComeBackWithoutARestart(@TempDir Path directory) throws Exception {
        int port = two.port();
        try (RemoteVersion version = RemoteVersion.load(directory, port)) {
            RemoteVersion.y(version.send(1));
            two.close();
            for (int i = 0; i < 10; i++) {
                long start = System.nanoTime();
                InferenceException failure = RemoteVersion.failure(version.send(1));
                assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                assertThat(failure.getMessage()).doesNotContain("127.0.0.1", String.valueOf(port));
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
            }
            two = server(port);
            await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> assertThatTensor(
                            RemoteVersion.y(version.send(7)))
                    .hasFloats(7));
        }
    }

    @Test
    void aServerThatFallsSilentIsTakenOutAfterOneDeadlineAndComesBack(@TempDir Path directory) throws Exception {
        try (RemoteVersion version = RemoteVersion.load(directory, link.port())) {
            RemoteVersion.y(version.send(1));
            link.fallSilent();
            assertThat(RemoteVersion.failure(briefly(version)).code()).isEqualTo(ErrorCode.DEADLINE);
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(
                            RemoteVersion.failure(briefly(version)).code())
                    .isEqualTo(ErrorCode.UNAVAILABLE));
            link.speakAgain();
            await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(() -> assertThatTensor(
                            RemoteVersion.y(version.send(7)))
                    .hasFloats(7));
        }
    }

    @Test
    void shortDeadlinesDoNotTakeOutAServerThatIsMerelySlow(@TempDir Path directory) throws Exception {
        one.answering(call -> call.after(Duration.ofMillis(400), call::echo));
        try (RemoteVersion version = RemoteVersion.load(directory, one.port())) {
            CompletableFuture<InferenceResponse> patient = version.send(1);
            for (int i = 0; i < 10; i++) {
                assertThat(RemoteVersion.failure(briefly(version)).code()).isEqualTo(ErrorCode.DEADLINE);
            }
            assertThatTensor(RemoteVersion.y(patient)).hasFloats(1);
            assertThatTensor(RemoteVersion.y(version.send(2))).hasFloats(2);
        }
    }

    @Test
    void aConnectionThatBreaksIsDialledAgain(@TempDir Path directory) throws Exception {
        Semaphore once = new Semaphore(1);
        one.answering(call -> {
            if (once.tryAcquire()) {
                call.hangUp();
            } else {
                call.echo();
            }
        });
        try (RemoteVersion version = RemoteVersion.load(directory, one.port())) {
            assertThatTensor(RemoteVersion.y(version.send(1))).hasFloats(1);
        }
        assertThat(one.predicts()).isEqualTo(2);
    }

    private static FakeTensorflowServing server(int port) throws Exception {
        return FakeTensorflowServing.start(port).signature("serving_default", RemoteVersion.xToY(DataType.FP32));
    }

    private static void slowDown(FakeTensorflowServing server) {
        server.answering(call -> call.after(Duration.ofMillis(100), call::echo));
    }

    private static CompletableFuture<InferenceResponse> briefly(RemoteVersion version) {
        return version.send(Tensors.floats(1), Duration.ofMillis(50), Cancellation.NEVER);
    }

    private static List<CompletableFuture<InferenceResponse>> sendMany(RemoteVersion version, int calls) {
        List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            answers.add(version.send(i));
        }
        return answers;
    }

    private static void assertAllAnswered(List<CompletableFuture<InferenceResponse>> answers) throws Exception {
        for (CompletableFuture<InferenceResponse> answer : answers) {
            assertThat(RemoteVersion.y(answer).byteSize()).isEqualTo(Float.BYTES);
        }
    }
}
