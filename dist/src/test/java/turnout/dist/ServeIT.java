package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The sample models, served. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ServeIT {
    private final Served server = Served.start();

    @BeforeAll
    void say() {
        System.out.println("ready after " + server.readyMillis() + " ms");
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void readyLineCountsWhatIsServed() {
        assertThat(server.readyLine())
                .hasValue("turnout ready: http://127.0.0.1:" + server.port() + " (6 models, 9 versions)");
    }

    @Test
    void stdoutHoldsTheReadyLineOnly() {
        assertThat(server.out().lines()).hasSize(1);
    }

    @Test
    void savedModelAnswersTensorFlowServingRest() throws IOException {
        HttpResponse<String> answer = server.post("/v1/models/digits:predict", sampleRequest("seven_tfserving.json"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"predictions\"").containsPattern("\"class\": *7");
    }

    @Test
    void onnxAnswersOpenInferenceRest() throws IOException {
        HttpResponse<String> answer =
                server.post("/v2/models/digits_onnx/infer", sampleRequest("seven_openinference.json"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"datatype\":\"INT64\",\"shape\":[1],\"data\":[7]");
    }

    @Test
    void savedModelAnswersTheOtherDialectAndOnnxTheFirst() throws IOException {
        assertThat(server.post("/v2/models/digits/infer", sampleRequest("seven_openinference.json"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.post("/v1/models/digits_onnx:predict", sampleRequest("seven_tfserving.json"))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void readyAndMetricsAreOnTheDataPort() {
        assertThat(server.get("/v2/health/ready").statusCode()).isEqualTo(200);
        assertThat(server.get("/metrics").body()).contains("turnout_requests_total");
    }

    @Test
    void sigtermEndsItWithZero() {
        try (Served other = Served.start()) {
            other.terminate();
            assertThat(other.exitCode()).isZero();
        }
    }

    @Test
    void modelsAreRelativeToTheCallersFolder() {
        try (Served other = Served.start(Checkout.root().resolve("samples"), Map.of(), "--models", "models")) {
            assertThat(other.readyLine().orElseThrow()).endsWith("(6 models, 9 versions)");
        }
    }

    @Test
    void ownConfigurationFindsThePluginsThatCameWithTheServer(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("own.yaml"), "models: " + Checkout.root().resolve("samples/models") + "\n");
        try (Served other = Served.start("--config", file.toString())) {
            assertThat(other.readyLine().orElseThrow()).endsWith("(6 models, 9 versions)");
        }
    }

    /** ONNX Runtime 1.29.0 ended the process when its command line was over 4096 bytes long. */
    @Test
    void longOptionsOfTheJvmDoNotEndTheProcess() throws IOException {
        String pad = "-Dpad=" + "x".repeat(5000);
        for (String variable : List.of("TURNOUT_JVM_ARGS", "JAVA_TOOL_OPTIONS")) {
            try (Served other = Served.start(Checkout.root(), Map.of(variable, pad))) {
                HttpResponse<String> answer =
                        other.post("/v2/models/digits_onnx/infer", sampleRequest("seven_openinference.json"));
                assertThat(answer.statusCode()).as(variable).isEqualTo(200);
            }
        }
    }

    @Test
    void logIsJsonWhereNobodyReadsIt() {
        // Before TensorFlow has set up its log, it says so on stderr, and nothing can keep it from that.
        assertThat(server.err().lines())
                .filteredOn(line -> !line.startsWith("WARNING: All log messages before absl"))
                .filteredOn(line -> !line.matches("[IW]0000 .*"))
                .isNotEmpty()
                .allMatch(line -> line.startsWith("{") && line.endsWith("}"));
    }

    @Test
    void unknownOptionEndsWithTwo() {
        Shell.Result result = turnout("serve", "--port", "1");
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(2);
        assertThat(result.err()).contains("unknown option --port");
    }

    @Test
    void sameAddressTwiceEndsWithTwo() {
        Shell.Result result = turnout("serve", "--listen", "127.0.0.1:1", "--listen", "127.0.0.1:1");
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(2);
        assertThat(result.err()).contains("127.0.0.1:1").contains("twice");
    }

    @Test
    void badConfigurationEndsWithTwoAndNamesFileLineAndKey(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.yaml"), "listen: [127.0.0.1:1]\nevent-lops: 2\n");
        for (String command : List.of("serve", "check")) {
            Shell.Result result = turnout(command, "--config", file.toString());
            assertThat(result.exitCode()).as(result.toString()).isEqualTo(2);
            assertThat(result.err()).contains("bad.yaml:2: event-lops").contains("event-loops");
        }
    }

    @Test
    void takenPortEndsWithOne() {
        Shell.Result result = turnout("serve", "--listen", "127.0.0.1:" + server.port(), "--admin", "off");
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(1);
        assertThat(result.err()).contains(Integer.toString(server.port()));
    }

    @Test
    void checkAcceptsTheDefaultConfiguration() {
        Shell.Result result = turnout("check");
        assertThat(result.exitCode()).as(result.toString()).isZero();
    }

    @Test
    void pluginsListsTheThreeBackends() {
        Shell.Result result = turnout("plugins");
        assertThat(result.exitCode()).as(result.toString()).isZero();
        assertThat(result.out()).contains("tensorflow_savedmodel", "onnx", "remote");
    }

    @Test
    void helpAndVersionGoToStdout() {
        assertThat(turnout("--help").out()).contains("usage: turnout serve");
        assertThat(turnout("--version").out()).containsPattern("[0-9]+\\.[0-9]+\\.[0-9]+");
    }

    private static Shell.Result turnout(String... words) {
        List<String> command = new ArrayList<>(List.of(Checkout.launcher().toString()));
        command.addAll(List.of(words));
        return Shell.run(Checkout.root(), Map.of(), command);
    }

    private static String sampleRequest(String name) throws IOException {
        return Files.readString(Checkout.root().resolve("samples/requests").resolve(name));
    }
}
