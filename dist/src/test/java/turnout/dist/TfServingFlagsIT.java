package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.protocol.tensorflow.DataType;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictResponse;
import turnout.protocol.tfserving.ReloadConfigRequest;
import turnout.protocol.tfserving.ReloadConfigResponse;

/** A server that is started with TensorFlow Serving's flags and files. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
final class TfServingFlagsIT {
    private static final String HALF = "{\"instances\": [1.0, 2.0]}";

    private final ModelFolder models;
    private final Path list;
    private final Served server;
    private final GrpcCaller grpc;

    TfServingFlagsIT(@TempDir Path folder) throws IOException {
        Path half = ModelFolder.original("half_plus_two").resolve("1");
        Path halfOnnx = ModelFolder.original("half_plus_two_onnx").resolve("1");
        models = new ModelFolder(Files.createDirectories(folder.resolve("here")))
                .version("half", 1, half)
                .version("half", 2, halfOnnx)
                .addAs("warmed", "half_plus_two_onnx")
                .addAs("unlucky", "half_plus_two");
        WarmUpFile.write(models.root().resolve("warmed/1"), "x", 3);
        WarmUpFile.write(models.root().resolve("unlucky/1"), "no_such_input", 1);
        list = folder.resolve("models.config");
        write(
                """
                config {
                  name: 'half' base_path: '%s' model_platform: 'tensorflow'
                  model_version_policy { specific { versions: [1, 2] } }
                  version_labels { key: 'stable' value: 1 }
                  version_labels { key: 'canary' value: 2 }
                }
                """.formatted(models.root().resolve("half")),
                model("digits", ModelFolder.original("digits")),
                model("warmed", models.root().resolve("warmed")),
                model("unlucky", models.root().resolve("unlucky")),
                model("missing", models.root().resolve("missing")));
        Path batching = Files.writeString(
                folder.resolve("batching.config"), "max_batch_size { value: 16 } batch_timeout_micros { value: 0 }");
        Path monitoring = Files.writeString(
                folder.resolve("monitoring.config"), "prometheus_config { enable: true path: '/my/figures' }");
        int grpcPort = Checkout.freePort();
        server = Served.tfServing(
                "--port=" + grpcPort,
                "--model_config_file=" + list,
                "--model_config_file_poll_wait_seconds=1",
                "--enable_batching",
                "--batching_parameters_file=" + batching,
                "--monitoring_config_file",
                monitoring.toString(),
                "--num_request_iterations_for_warmup=2",
                "--grpc_max_threads=4",
                "--noenable_profiler");
        grpc = new GrpcCaller(Vertx.vertx(), grpcPort);
    }

    private static String model(String name, Path path) {
        return "config { name: '%s' base_path: '%s' model_platform: 'tensorflow' }%n".formatted(name, path);
    }

    private void write(String... configs) throws IOException {
        Path fresh = Files.writeString(
                list.resolveSibling(".fresh"), "model_config_list {\n" + String.join("", configs) + "}\n");
        Files.move(fresh, list, StandardCopyOption.REPLACE_EXISTING);
    }

    @BeforeAll
    void bePatient() {
        Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
    }

    @AfterAll
    void stop() {
        grpc.close();
        server.close();
    }

    @Test
    @Order(1)
    void modelsOfTheListAnswerOverRestWhereverTheyLie() {
        assertThat(server.post("/v1/models/half:predict", HALF).body())
                .contains("2.5")
                .contains("3.0");
        assertThat(server.post("/v1/models/half/labels/stable:predict", HALF)
                        .headers()
                        .firstValue("x-turnout-version"))
                .hasValue("1");
        assertThat(server.post("/v1/models/half/labels/canary:predict", HALF)
                        .headers()
                        .firstValue("x-turnout-version"))
                .hasValue("2");
        assertThat(server.get("/v1/models/digits/versions/2").statusCode()).isEqualTo(200);
    }

    @Test
    @Order(1)
    void modelsOfTheListAnswerOverGrpcOnItsPort() {
        TensorProto.Builder x =
                TensorProto.newBuilder().setDtype(DataType.DT_FLOAT).addFloatVal(4);
        x.getTensorShapeBuilder().addDimBuilder().setSize(1);
        PredictRequest.Builder request = PredictRequest.newBuilder().putInputs("x", x.build());
        request.getModelSpecBuilder().setName("half").setVersionLabel("stable");
        PredictResponse answer = grpc.call(
                        GrpcCaller.PREDICTION,
                        "Predict",
                        request.build(),
                        PredictResponse.getDefaultInstance(),
                        Map.of())
                .join()
                .message();
        assertThat(answer.getModelSpec().getVersion().getValue()).isEqualTo(1);
        assertThat(answer.getOutputsOrThrow("y").getFloatVal(0)).isEqualTo(4);
    }

    @Test
    @Order(1)
    void whatTheListDoesNotSayIsLeftToTheModelsOwnFile() {
        assertThat(server.get("/v1/models/digits/labels/stable/metadata").body())
                .contains("\"version\": \"1\"");
    }

    @Test
    @Order(1)
    void aDirectoryThatIsMissingConcernsItsOwnModelOnly() {
        assertThat(server.get("/v1/models/missing").statusCode()).isEqualTo(404);
        assertThat(server.get("/v2/health/ready").statusCode()).isEqualTo(200);
        models.addAs("missing", "half_plus_two");
        await().until(() -> server.post("/v1/models/missing:predict", HALF).statusCode() == 200);
    }

    @Test
    @Order(1)
    void recordedRequestsAreRunAndOneThatFailsKeepsTheVersionOut() {
        assertThat(server.err()).contains("warmed version 1 ran 3 recorded requests before it takes calls");
        assertThat(server.post("/v1/models/warmed:predict", HALF).statusCode()).isEqualTo(200);
        assertThat(server.get("/v1/models/unlucky").body())
                .contains("\"state\": \"END\"")
                .contains("record 1 of assets.extra/tf_serving_warmup_requests failed: Signature input alias: x");
    }

    @Test
    @Order(1)
    void figuresAreWhereTheFileSaysUnderBothNames() {
        assertThat(server.post("/v1/models/half:predict", HALF).statusCode()).isEqualTo(200);
        assertThat(server.get("/my/figures").body())
                .contains(":tensorflow:serving:request_count{")
                .contains("turnout_requests_total{");
        assertThat(server.get("/metrics").statusCode()).isEqualTo(200);
    }

    @Test
    @Order(1)
    void flagsWithoutEffectAreNamedAndNothingElseIsWarnedOf() {
        assertThat(server.err().lines().filter(line -> line.startsWith("turnout: warning: ")))
                .containsExactly("turnout: warning: --grpc_max_threads has no effect: no thread waits for a call, so"
                        + " there is no such pool");
    }

    @Test
    @Order(1)
    void reloadsAreForThoseWhoWereAllowedTo() {
        assertThatThrownBy(() -> grpc.call(
                                GrpcCaller.MODELS,
                                "HandleReloadConfigRequest",
                                ReloadConfigRequest.getDefaultInstance(),
                                ReloadConfigResponse.getDefaultInstance(),
                                Map.of())
                        .join())
                .hasMessageContaining("PERMISSION_DENIED");
    }

    @Test
    @Order(2)
    void aBadEditOfTheListChangesNothingAndIsSaidSo() throws IOException {
        write("config { nam: 'half' }\n");
        await().until(() -> server.err().contains(":2:10: nam: unknown field; did you mean \\\"name\\\"?"));
        await().until(() -> server.get("/metrics").body().contains("turnout_model_list_good 0"));
        write("config { name: 'half' base_path: '" + models.root().resolve("half")
                + "' model_platform: 'tensorflow' version_labels { key: 'canary' value: 9 } }\n");
        await().until(() ->
                server.err().contains("Request to assign label to version 9 of model half, which is not currently"));
        assertThat(server.post("/v1/models/half/labels/canary:predict", HALF).statusCode())
                .isEqualTo(200);
        assertThat(server.post("/v1/models/warmed:predict", HALF).statusCode()).isEqualTo(200);
    }

    @Test
    @Order(3)
    void aGoodEditReplacesTheWholeList() throws IOException {
        write(model("fresh", models.root().resolve("half")));
        await().until(() -> server.post("/v1/models/fresh:predict", HALF).statusCode() == 200);
        await().until(() -> server.post("/v1/models/half:predict", HALF).statusCode() == 404);
        assertThat(server.post("/v1/models/warmed:predict", HALF).statusCode()).isEqualTo(404);
        await().until(() -> server.get("/metrics").body().contains("turnout_model_list_good 1"));
    }

    @ParameterizedTest
    @Order(4)
    @CsvSource(delimiter = '|', textBlock = """
            --prot=8500                                       | --prot: unknown flag; did you mean --port?
            --model_base_path=models/half                     | --model_base_path: Expected model default to have an absolute path or URI; got base_path()=models/half
            --model_base_path=/x --enable_profiler            | --enable_profiler: is not supported: the profiler service would be open to every client
            --model_base_path=/x --batching_parameters_file=/x | --batching_parameters_file: server_options.batching_parameters_file is set without
            --model_config_file=/no/such/file                 | /no/such/file: no such file
            --port=8500                                       | Both server_options.model_base_path and server_options.model_config_file are empty!
            """)
    void whatIsWrongEndsTheProcessWithTwo(String flags, String problem) {
        Shell.Result result = run(("tfserving " + flags).split(" "));
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(2);
        assertThat(result.err()).contains("turnout: ").contains(problem);
    }

    @Test
    @Order(4)
    void helpKnowsTheCommandAndTheCommandItsFlags() {
        assertThat(run("--help").out()).contains("turnout tfserving [--FLAG=VALUE]...");
        Shell.Result flags = run("tfserving", "--help");
        assertThat(flags.exitCode()).isZero();
        assertThat(flags.out()).contains("--model_config_file", "Accepted without effect", "--grpc_max_threads");
        assertThat(run("tfserving", "--version").out()).startsWith("turnout ");
    }

    private static Shell.Result run(String... words) {
        List<String> command = new ArrayList<>(List.of(Checkout.launcher().toString()));
        command.addAll(List.of(words));
        return Shell.run(Checkout.root(), Map.of(), command);
    }
}
