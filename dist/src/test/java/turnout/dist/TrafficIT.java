package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictResponse;
import turnout.spi.DataType;
import turnout.testkit.Tensors;

/** Weights deal calls to versions, keys stay where they are dealt, and whoever names a version gets it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TrafficIT {
    private static final int WIDTH = 64;
    private static final int KEYS = 1000;
    private static final String TRAFFIC = "/admin/v1/models/linear_onnx/traffic";
    private static final Question QUESTION = Question.xToY("linear_onnx", Tensors.floats(2));

    private final Served server;
    private final Doors doors;

    TrafficIT(@TempDir Path folder) {
        ModelFolder models = new ModelFolder(folder)
                .add("linear_onnx", "digits_mixed")
                .settings("linear_onnx", "versions: all\ntraffic: {1: 90, 2: 10}\nlabels: {stable: 1, canary: 2}\n");
        server = Served.start(models);
        doors = new Doors(server.port());
    }

    @AfterAll
    void stop() {
        doors.close();
        server.close();
    }

    @BeforeEach
    void followTheFile() {
        assertThat(server.admin("DELETE", TRAFFIC, "").statusCode()).isEqualTo(200);
    }

    @Test
    void sharesOfTwentyThousandCallsAreTheWeightsWithinOnePoint() {
        int total = 20_000;
        List<Reply> replies = Burst.of(total, WIDTH, i -> doors.ask(Door.OIP_GRPC_RAW, QUESTION));
        assertThat(replies).allSatisfy(TrafficIT::isFromTheVersionItNames);
        assertThat(share(replies, "2")).isCloseTo(0.1, within(0.01));
    }

    @Test
    void keyIsDealtToOneVersionAtEveryDoor() {
        Map<String, String> dealt = deal();
        assertThat(dealt.values()).contains("1", "2");
        for (Door door : Door.values()) {
            dealt.keySet().stream().limit(50).forEach(key -> {
                Reply reply = doors.ask(door, QUESTION.key(key)).join();
                assertThat(reply.version()).as("%s at %s", key, door).isEqualTo(dealt.get(key));
                isFromTheVersionItNames(reply);
            });
        }
    }

    @Test
    void wideningMovesKeysToTheCanaryOnlyAndGoingBackBringsThemHome() {
        Map<String, String> narrow = deal();
        weigh("{\"weights\": {\"1\": 60, \"2\": 40}}");
        Map<String, String> wide = deal();
        weigh("{\"weights\": {\"1\": 90, \"2\": 10}}");
        assertThat(deal()).isEqualTo(narrow);

        assertThat(share(narrow)).isCloseTo(0.1, within(0.04));
        assertThat(share(wide)).isCloseTo(0.4, within(0.06));
        narrow.forEach((key, version) -> {
            if (version.equals("2")) {
                assertThat(wide.get(key)).as(key).isEqualTo("2");
            }
        });
    }

    @Test
    void weightsByLabelTakeEffectAtOnceAndUntilTheyAreTakenBack() {
        weigh("{\"weights\": {\"stable\": 0, \"canary\": 1}}");
        assertThat(deal().values()).containsOnly("2");
        weigh("{\"weights\": {\"stable\": 1}}");
        assertThat(deal().values()).containsOnly("1");
        followTheFile();
        assertThat(deal().values()).contains("1", "2");
    }

    @Test
    void weightsThatMakeNoSenseAreRefusedAndChangeNothing() {
        Map<String, String> before = deal();
        for (String body : List.of(
                "{\"weights\": {\"1\": 90, \"7\": 10}}",
                "{\"weights\": {\"nowhere\": 1}}",
                "{\"weights\": {\"1\": -1}}",
                "{\"weights\": {\"1\": 0}}",
                "{\"weights\": {}}",
                "{\"weight\": {\"1\": 1}}",
                "weights",
                "")) {
            HttpResponse<String> answer = server.admin("PUT", TRAFFIC, body);
            assertThat(answer.statusCode()).as(body + answer.body()).isEqualTo(400);
            assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
            assertThat(new JsonObject(answer.body()).getString("detail"))
                    .as(body)
                    .isNotBlank();
        }
        assertThat(server.admin("PUT", "/admin/v1/models/nope/traffic", "{\"weights\": {\"1\": 1}}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(deal()).isEqualTo(before);
    }

    @Test
    void versionThatIsNamedWinsOverWeightsAndKeys() {
        weigh("{\"weights\": {\"1\": 1, \"2\": 0}}");
        for (Door door : Door.values()) {
            for (long version : List.of(1L, 2L)) {
                Reply reply =
                        doors.ask(door, QUESTION.version(version).key("k")).join();
                assertThat(reply.version()).as(door.toString()).isEqualTo(Long.toString(version));
                isFromTheVersionItNames(reply);
            }
            assertThatThrownBy(() -> doors.ask(door, QUESTION.version(3)).join())
                    .as(door.toString())
                    .hasCauseInstanceOf(NotAnswered.class)
                    .hasMessageContaining(door.name().contains("REST") ? "404" : "NOT_FOUND");
        }
    }

    @Test
    void labelThatIsNamedWinsOverWeights() {
        weigh("{\"weights\": {\"1\": 1, \"2\": 0}}");
        HttpResponse<String> answer = rest("/v1/models/linear_onnx/labels/canary:predict", "{\"instances\": [2.0]}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("x-turnout-model")).hasValue("linear_onnx");
        assertThat(answer.headers().firstValue("x-turnout-version")).hasValue("2");
        assertThat(answer.headers().firstValue("x-turnout-arm")).hasValue("explicit");
        assertThat(answer.body()).contains("4.0");

        PredictRequest.Builder request = Doors.predictRequest(QUESTION).toBuilder();
        request.getModelSpecBuilder().setVersionLabel("canary");
        PredictResponse response = doors.grpc()
                .call(GrpcCaller.PREDICTION, "Predict", request.build(), PredictResponse.getDefaultInstance(), Map.of())
                .join()
                .message();
        assertThat(response.getModelSpec().getVersion().getValue()).isEqualTo(2);
    }

    @Test
    void versionsOfDifferentRuntimesShareOneModelsTraffic() throws IOException {
        JsonObject sample = new JsonObject(Files.readString(Checkout.root().resolve("samples/digits_samples.json")))
                .getJsonArray("samples")
                .getJsonObject(0);
        Question question = Question.of(
                "digits_mixed",
                Map.of("image", TensorText.read(DataType.FP32, new long[] {1, 8, 8, 1}, sample.getJsonArray("image"))),
                Map.of("probabilities", DataType.FP32, "class", DataType.INT64));
        List<Reply> replies = Burst.of(
                KEYS,
                WIDTH,
                i -> doors.ask(i % 2 == 0 ? Door.TFS_GRPC_CONTENT : Door.OIP_GRPC_RAW, question.key("u" + i)));
        assertThat(share(replies, "2")).isCloseTo(0.1, within(0.04));
        assertThat(replies).allSatisfy(reply -> {
            assertThat(reply.output("class").data().getLong()).isEqualTo(7);
            assertThat(reply.version()).isIn("1", "2").isEqualTo(reply.header());
        });
        // Version 1 is a SavedModel, version 2 an ONNX file.
        String platforms =
                server.admin("GET", "/admin/v1/models/digits_mixed", "").body();
        assertThat(platforms).contains("tensorflow_savedmodel", "onnx");
        List<Float> stable = certainty(replies, "1");
        List<Float> canary = certainty(replies, "2");
        assertThat(stable.get(0)).isNotEqualTo(canary.get(0));
        for (List<Float> same : List.of(stable, canary)) {
            assertThat(same).allSatisfy(value -> assertThat(value).isCloseTo(same.get(0), within(1e-5f)));
        }
    }

    /** How sure a version is, each time, that the seven is one. */
    private static List<Float> certainty(List<Reply> replies, String version) {
        return replies.stream()
                .filter(reply -> reply.version().equals(version))
                .map(reply -> Tensors.floatsOf(reply.output("probabilities"))[7])
                .toList();
    }

    /** Where each of a thousand keys is dealt. */
    private Map<String, String> deal() {
        List<Reply> replies = Burst.of(KEYS, WIDTH, i -> doors.ask(Door.OIP_GRPC_RAW, QUESTION.key("user-" + i)));
        Map<String, String> dealt = new TreeMap<>();
        for (int i = 0; i < KEYS; i++) {
            dealt.put("user-" + i, replies.get(i).version());
        }
        return dealt;
    }

    private void weigh(String body) {
        HttpResponse<String> answer = server.admin("PUT", TRAFFIC, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private HttpResponse<String> rest(String path, String body) {
        return doors.rest()
                .send("POST", path, body.getBytes(StandardCharsets.UTF_8))
                .join();
    }

    /** Version 1 adds 2, version 2 adds 3. */
    private static void isFromTheVersionItNames(Reply reply) {
        assertThat(reply.header()).isEqualTo(reply.version());
        assertThat(Tensors.floatsOf(reply.output("y")))
                .containsExactly(reply.version().equals("1") ? 3 : 4);
    }

    private static double share(List<Reply> replies, String version) {
        return (double) replies.stream()
                        .filter(reply -> reply.version().equals(version))
                        .count()
                / replies.size();
    }

    private static double share(Map<String, String> dealt) {
        return (double) dealt.values().stream().filter("2"::equals).count() / dealt.size();
    }
}
