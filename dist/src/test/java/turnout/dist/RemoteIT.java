package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static turnout.testkit.TensorAssert.assertThatTensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A model that two other servers hold, which die and come back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
final class RemoteIT {
    private static final Question FAR = Question.xToY("far", Doors.floats(1, 2));
    private static final Question NAMED = FAR.model("named");
    /** So long nobody is kept waiting for an answer that is known. */
    private static final Duration NO_HANG = Duration.ofSeconds(20);

    private final ModelFolder held;
    private final Served front;
    private final Doors doors;
    private Served one;
    private Served other;

    RemoteIT(@TempDir Path folder) throws IOException {
        held = new ModelFolder(Files.createDirectories(folder.resolve("held"))).addAs("far", "half_plus_two_onnx");
        one = Served.start(held);
        other = Served.start(held);
        String endpoints = "endpoints: ['127.0.0.1:" + one.port() + "', '127.0.0.1:" + other.port() + "']\n";
        front = Served.start(new ModelFolder(Files.createDirectories(folder.resolve("front")))
                .write("far/1/remote.yaml", endpoints)
                .write("named/7/remote.yaml", endpoints + "model: far\nversion: 1\n"));
        doors = new Doors(front.port());
    }

    @BeforeAll
    void bePatient() {
        Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
    }

    @AfterAll
    void stop() {
        doors.close();
        front.close();
        one.close();
        other.close();
    }

    @Test
    @Order(1)
    void remoteModelAnswersAtEveryDoorUnderItsOwnNameAndVersion() {
        for (Door door : Door.values()) {
            Reply far = doors.ask(door, FAR).join();
            assertThatTensor(far.output("y")).hasFloats(2.5f, 3);
            assertThat(far.version()).isEqualTo("1");
            assertThat(doors.ask(door, NAMED).join().version()).isEqualTo("7");
        }
    }

    @Test
    @Order(2)
    void endpointThatDiesUnderLoadFailsNoCall() {
        try (Load load = new Load(doors, RemoteIT::isRight).ask(FAR, NAMED)) {
            load.awaitMore(300);
            one.kill();
            load.awaitMore(500);
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    @Order(3)
    void endpointThatComesBackTakesOverFromTheNextThatDies() {
        one = Served.startOn(one.port(), held);
        try (Load load = new Load(doors, RemoteIT::isRight).ask(FAR)) {
            Figures figures = new Figures(one);
            await().until(() -> figures.inferences("far") > 0);
            other.kill();
            load.awaitMore(300);
            assertThat(load.failures()).isEmpty();
        }
    }

    @Test
    @Order(4)
    void withNoneLeftEveryDoorSaysUnavailableAndNobodyWaits() {
        one.kill();
        for (Door door : Door.values()) {
            assertThatThrownBy(() -> answerOrRefusal(door))
                    .as(door.toString())
                    .hasCauseInstanceOf(NotAnswered.class)
                    .hasMessageContaining(door.name().contains("REST") ? "503" : "UNAVAILABLE");
        }
        assertThat(front.get("/v2/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    @Order(5)
    void whenOneIsBackTheFrontRecoversByItself() {
        other = Served.startOn(other.port(), held);
        await().ignoreExceptionsInstanceOf(ExecutionException.class)
                .untilAsserted(
                        () -> isRight(doors.ask(Door.TFS_GRPC_CONTENT, FAR).get()));
        try (Load load = new Load(doors, RemoteIT::isRight).ask(FAR, NAMED)) {
            load.awaitMore(200);
            assertThat(load.failures()).isEmpty();
        }
    }

    private void answerOrRefusal(Door door) throws InterruptedException, ExecutionException, TimeoutException {
        doors.ask(door, FAR).get(NO_HANG.toSeconds(), TimeUnit.SECONDS);
    }

    private static void isRight(Reply reply) {
        assertThatTensor(reply.output("y")).hasFloats(2.5f, 3);
    }
}
