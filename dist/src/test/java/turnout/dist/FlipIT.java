package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import turnout.protocol.tfserving.FileSystemStoragePathSourceConfig.ServableVersionPolicy;
import turnout.protocol.tfserving.ModelConfigList;
import turnout.protocol.tfserving.ModelServerConfig;
import turnout.protocol.tfserving.ReloadConfigRequest;
import turnout.protocol.tfserving.ReloadConfigResponse;
import turnout.testkit.Tensors;

/** Versions come, go, break and change under load, and no call fails. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
final class FlipIT {
    private static final Path LINEAR = ModelFolder.original("linear");
    private static final Path LINEAR_ONNX = ModelFolder.original("linear_onnx");
    private static final Question FLIP = Question.xToY("flip", Doors.floats(2));
    private static final Question PAIR = Question.xToY("pair", Doors.floats(2));

    private final ModelFolder models;
    private final Served server;
    private final Doors doors;
    private final Load load;

    FlipIT(@TempDir Path folder) {
        models = new ModelFolder(folder)
                .version("flip", 1, LINEAR.resolve("1"))
                .version("pair", 1, LINEAR_ONNX.resolve("1"))
                .version("pair", 2, LINEAR_ONNX.resolve("2"))
                .settings("pair", "versions: all\n");
        server = Served.start(models, "poll-interval: 400ms");
        doors = new Doors(server.port());
        load = new Load(doors, FlipIT::isOneOfTheTwoAnswers);
    }

    @BeforeAll
    void begin() {
        Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
        load.ask(FLIP, PAIR);
    }

    @AfterAll
    void stop() {
        load.close();
        doors.close();
        server.close();
    }

    @Test
    @Order(1)
    void newVersionTakesOverOnceItIsLoaded() {
        models.version("flip", 2, LINEAR.resolve("2"));
        awaitAnswersFrom("flip", "2");
        await().until(() -> state("flip", 1).equals("END"));
        noCallFailed();
    }

    @Test
    @Order(2)
    void brokenVersionIsAStateWithACauseAndHurtsNobody() {
        models.version("flip", 3, ModelFolder.original("broken").resolve("1"));
        await().until(() -> state("flip", 3).equals("END"));
        assertThat(version("flip", 3).getJsonObject("failure").getString("message"))
                .isNotBlank();
        assertThat(state("flip", 2)).isEqualTo("AVAILABLE");
        String status = server.get("/v1/models/flip/versions/3").body();
        assertThat(status).contains("\"END\"").doesNotContain("\"OK\"");
        load.awaitMore(100);
        awaitAnswersFrom("flip", "2");
        noCallFailed();
    }

    @Test
    @Order(3)
    void nextVersionMayBeOfAnotherRuntime() {
        models.version("flip", 4, LINEAR_ONNX.resolve("1"));
        awaitAnswersFrom("flip", "4");
        noCallFailed();
    }

    @Test
    @Order(4)
    void versionThatIsDeletedUnloadsExceptTheLast() {
        models.delete("pair", 2);
        awaitAnswersFrom("pair", "1");
        await().until(() -> state("pair", 2).equals("END"));
        models.delete("pair", 1);
        // Looked at often enough since, as this newcomer shows.
        models.addAs("newcomer", "half_plus_two_onnx");
        await().until(() -> state("newcomer", 1).equals("AVAILABLE"));
        assertThat(state("pair", 1)).isEqualTo("AVAILABLE");
        load.awaitMore(100);
        noCallFailed();
        models.version("pair", 1, LINEAR_ONNX.resolve("1")).version("pair", 2, LINEAR_ONNX.resolve("2"));
        awaitAnswersFrom("pair", "2");
    }

    @Test
    @Order(5)
    void reloadByTheRepositoryExtensionHurtsNobody() {
        for (int i = 0; i < 3; i++) {
            for (String model : List.of("flip", "pair")) {
                assertThat(server.post("/v2/repository/models/" + model + "/load", "")
                                .statusCode())
                        .isEqualTo(200);
            }
            load.awaitMore(50);
        }
        noCallFailed();
    }

    /** Files that change under a version that is loaded: the new bytes are loaded beside the old ones. */
    @Test
    @Order(6)
    void versionWhoseFilesAreReplacedIsLoadedAnew() throws IOException {
        Path file = models.root().resolve("flip/4/model.onnx");
        Path fresh =
                Files.copy(LINEAR_ONNX.resolve("2/model.onnx"), models.root().resolve("flip/.model.onnx"));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        assertThat(server.post("/v2/repository/models/flip/load", "").statusCode())
                .isEqualTo(200);
        await().until(() ->
                Tensors.floatsOf(doors.ask(Door.OIP_GRPC_RAW, FLIP).join().output("y"))[0] == 4);
        noCallFailed();
    }

    @Test
    @Order(7)
    void reloadRequestSwitchesSpecificVersionsBackAndForth() {
        models.delete("flip", 3);
        for (long version : List.of(1L, 2L, 1L, 4L, 2L)) {
            reload(version);
            awaitAnswersFrom("flip", Long.toString(version));
            load.awaitMore(50);
        }
        noCallFailed();
    }

    @Test
    @Order(8)
    void halfCopiedVersionIsNotLoadedBeforeItIsComplete() throws IOException {
        // Reloads named what is served: this model is not among it until it is loaded by name.
        models.version("grows", 1, LINEAR.resolve("1"));
        assertThat(server.post("/v2/repository/models/grows/load", "").statusCode())
                .isEqualTo(200);
        await().until(() -> state("grows", 1).equals("AVAILABLE"));
        growBytewise(LINEAR.resolve("2"), models.root().resolve("grows/2"));
        await().until(() -> state("grows", 2).equals("AVAILABLE"));
        assertThat(Tensors.floatsOf(doors.ask(Door.TFS_GRPC_CONTENT, FLIP.model("grows"))
                        .join()
                        .output("y")))
                .containsExactly(4);
        noCallFailed();
    }

    /** Takes some looks of the server long, and watches that it does not touch what it sees. */
    private void growBytewise(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.resolveSibling(""));
                byte[] bytes = Files.readAllBytes(file);
                int slice = Math.max(1, bytes.length / 40);
                for (int i = 0; i < bytes.length; i += slice) {
                    byte[] next = Arrays.copyOfRange(bytes, i, Math.min(bytes.length, i + slice));
                    Files.write(target, next, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                    // Paces the copying too.
                    assertThat(state("grows", 2)).isIn("", "START");
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void reload(long version) {
        ModelConfigList.Builder list = ModelConfigList.newBuilder();
        list.addConfigBuilder()
                .setName("flip")
                .setBasePath(models.root().resolve("flip").toString())
                .setModelPlatform(version == 4 ? "onnx" : "tensorflow")
                .setModelVersionPolicy(ServableVersionPolicy.newBuilder()
                        .setSpecific(ServableVersionPolicy.Specific.newBuilder().addVersions(version)));
        list.addConfigBuilder()
                .setName("pair")
                .setBasePath(models.root().resolve("pair").toString())
                .setModelPlatform("onnx")
                .setModelVersionPolicy(
                        ServableVersionPolicy.newBuilder().setAll(ServableVersionPolicy.All.getDefaultInstance()));
        ReloadConfigResponse response = doors.grpc()
                .call(
                        GrpcCaller.MODELS,
                        "HandleReloadConfigRequest",
                        ReloadConfigRequest.newBuilder()
                                .setConfig(ModelServerConfig.newBuilder().setModelConfigList(list))
                                .build(),
                        ReloadConfigResponse.getDefaultInstance(),
                        Map.of())
                .join()
                .message();
        assertThat(response.getStatus().getErrorCodeValue())
                .as(response.getStatus().getErrorMessage())
                .isZero();
    }

    private void awaitAnswersFrom(String model, String version) {
        await().until(() ->
                doors.ask(Door.OIP_GRPC_RAW, FLIP.model(model)).join().version().equals(version));
    }

    private void noCallFailed() {
        assertThat(load.failures()).isEmpty();
        assertThat(load.answered()).isPositive();
    }

    /** As the admin API tells it, empty for a version that it does not know. */
    private String state(String model, long number) {
        return version(model, number).getString("state", "");
    }

    private JsonObject version(String model, long number) {
        JsonObject all = new JsonObject(
                server.admin("GET", "/admin/v1/models/" + model, "").body());
        if (!all.containsKey("versions")) {
            return new JsonObject();
        }
        return all.getJsonArray("versions").stream()
                .map(JsonObject.class::cast)
                .filter(version -> version.getLong("version") == number)
                .findFirst()
                .orElseGet(JsonObject::new);
    }

    private static void isOneOfTheTwoAnswers(Reply reply) {
        assertThat(Tensors.floatsOf(reply.output("y"))[0]).isIn(3f, 4f);
        assertThat(reply.version()).isEqualTo(reply.header());
    }
}
