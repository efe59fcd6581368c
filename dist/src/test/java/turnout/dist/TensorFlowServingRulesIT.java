package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.dist.CaseClient.isRefused;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import turnout.protocol.tfserving.ModelConfig;
import turnout.protocol.tfserving.ModelConfigList;
import turnout.protocol.tfserving.ModelServerConfig;
import turnout.protocol.tfserving.ReloadConfigRequest;
import turnout.protocol.tfserving.ReloadConfigResponse;

/** Paths, verbs, states and headers of TensorFlow Serving's REST interface, as they are kept and as they are mended. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TensorFlowServingRulesIT {
    /** All that a name may hold and a path may not. */
    private static final String ENCODED = "%21%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3D%3F%40%5B%5D";

    private static final String ONE = "{'instances': [1]}";

    private final Served server;
    private final Doors doors;
    private final CaseClient client;

    TensorFlowServingRulesIT(@TempDir Path folder) {
        server = Served.start(new ModelFolder(folder)
                .add("half_plus_two", "half_plus_two_onnx", "linear", "examples", "broken")
                .addAs("modelname!#$%&'()*+,:;=?@[]", "half_plus_two")
                .settings("linear", "versions: all\nlabels: {stable: 1, \"label!#$%&'()*+,/:;=?@[]\": 2}\n"));
        doors = new Doors(server.port());
        client = new CaseClient(doors);
    }

    @AfterAll
    void stop() {
        doors.close();
        server.close();
    }

    private void answers(String path, String body) {
        HttpResponse<String> answer = client.post(path, ONE);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualToIgnoringWhitespace(CaseClient.json(body));
    }

    @Test
    void namesAndLabelsMayHoldAnySignInPercentEncoding() {
        answers("/v1/models/modelname" + ENCODED.replace("%2F", "") + ":predict", "{'predictions': [2.5]}");
        answers("/v1/models/linear/labels/label" + ENCODED + ":predict", "{'predictions': [3.5]}");
        assertThat(versions("/v1/models/linear/labels/label" + ENCODED)).containsExactly("2");
        isRefused(
                client.post("/v1/models/modelname" + ENCODED + ":predict", ONE),
                404,
                "Servable not found for request: Latest(modelname!#$%&'()*+,/:;=?@[])");
    }

    /** No directory can have this name, but a reload may give it to one. */
    @Test
    void aNameMayHoldEvenASlash(@TempDir Path empty) {
        ModelConfig model = ModelConfig.newBuilder()
                .setName("modelname!#$%&'()*+,/:;=?@[]")
                .setBasePath(ModelFolder.original("half_plus_two").toString())
                .setModelPlatform("tensorflow")
                .build();
        ReloadConfigRequest reload = ReloadConfigRequest.newBuilder()
                .setConfig(ModelServerConfig.newBuilder()
                        .setModelConfigList(ModelConfigList.newBuilder().addConfig(model)))
                .build();
        try (Served other = Served.start(new ModelFolder(empty));
                Doors others = new Doors(other.port())) {
            CaseClient asking = new CaseClient(others);
            ReloadConfigResponse done = asking.call(
                    GrpcCaller.MODELS, "HandleReloadConfigRequest", reload, ReloadConfigResponse.getDefaultInstance());
            assertThat(done.getStatus().getErrorMessage()).isEmpty();
            HttpResponse<String> answer = asking.post("/v1/models/modelname" + ENCODED + ":predict", ONE);
            assertThat(answer.body()).isEqualToIgnoringWhitespace("{\"predictions\": [2.5]}");
        }
    }

    @Test
    void pathsCountInAnyCase() {
        answers("/V1/Models/linear/VERSIONS/1:PREDICT", "{'predictions': [2.5]}");
        isRefused(client.get("/v1/models/Linear"), 404, "Could not find any versions of model Linear");
    }

    @Test
    void withoutASelectorTheNewestVersionAnswers() {
        answers("/v1/models/linear:predict", "{'predictions': [3.5]}");
        answers("/v1/models/linear/labels/stable:predict", "{'predictions': [2.5]}");
    }

    /** TensorFlow Serving takes the query for a part of the path. */
    @Test
    void queriesAreTolerated() {
        answers("/v1/models/half_plus_two:predict?x=1", "{'predictions': [2.5]}");
        assertThat(client.get("/v1/models/linear/metadata?x=1").statusCode()).isEqualTo(200);
        assertThat(versions("/v1/models/linear?x=/metadata")).containsExactly("2", "1");
    }

    @Test
    void statesListTheNewestVersionFirst() {
        assertThat(client.get("/v1/models/linear").body()).isEqualToIgnoringWhitespace(CaseClient.json("""
                        {'model_version_status': [
                          {'version': '2', 'state': 'AVAILABLE', 'status': {'error_code': 'OK', 'error_message': ''}},
                          {'version': '1', 'state': 'AVAILABLE', 'status': {'error_code': 'OK', 'error_message': ''}}
                        ]}"""));
    }

    /** TensorFlow Serving ignores the label, even an unknown one. */
    @Test
    void statesHonourVersionAndLabel() {
        assertThat(versions("/v1/models/linear/labels/stable")).containsExactly("1");
        assertThat(versions("/v1/models/linear/versions/2")).containsExactly("2");
        isRefused(client.get("/v1/models/linear/labels/z"), 400, "Unrecognized servable version label: z");
        isRefused(client.get("/v1/models/linear/versions/9"), 404, "Could not find version 9 of model linear");
    }

    @Test
    void aVersionThatCouldNotBeLoadedIsAStateWithAReason() {
        JsonObject broken = new JsonObject(client.get("/v1/models/broken").body())
                .getJsonArray("model_version_status")
                .getJsonObject(0);
        assertThat(broken.getString("state")).isEqualTo("END");
        assertThat(broken.getJsonObject("status").getString("error_code")).isNotEqualTo("OK");
        assertThat(broken.getJsonObject("status").getString("error_message")).contains("saved_model.pb");
    }

    /** TensorFlow Serving answers 400. */
    @Test
    void theListNamesAllModels() {
        JsonArray models = new JsonObject(client.get("/v1/models").body()).getJsonArray("models");
        assertThat(models)
                .extracting(model -> ((JsonObject) model).getString("name"))
                .containsExactly(
                        "broken",
                        "examples",
                        "half_plus_two",
                        "half_plus_two_onnx",
                        "linear",
                        "modelname!#$%&'()*+,:;=?@[]");
        isRefused(client.get("/v1/models/"), 400, "Malformed request: GET /v1/models/");
    }

    @Test
    void metadataNestTheSignaturesTwice() {
        for (String model : List.of("half_plus_two", "half_plus_two_onnx")) {
            JsonObject body = new JsonObject(
                    client.get("/v1/models/" + model + "/metadata").body());
            assertThat(body.getJsonObject("model_spec"))
                    .isEqualTo(new JsonObject(Map.of("name", model, "signature_name", "", "version", "1")));
            JsonObject signature = body.getJsonObject("metadata")
                    .getJsonObject("signature_def")
                    .getJsonObject("signature_def")
                    .getJsonObject("serving_default");
            assertThat(signature.fieldNames()).containsExactly("inputs", "outputs", "method_name", "defaults");
            JsonObject x = signature.getJsonObject("inputs").getJsonObject("x");
            assertThat(x.getString("dtype")).isEqualTo("DT_FLOAT");
            assertThat(x.getJsonObject("tensor_shape"))
                    .isEqualTo(
                            new JsonObject("{\"dim\": [{\"size\": \"-1\", \"name\": \"\"}], \"unknown_rank\": false}"));
        }
    }

    @Test
    void optionsIsAllowedToPagesOnly() {
        for (String origin : List.of("http://here", "https://here")) {
            HttpResponse<String> answer =
                    client.send("OPTIONS", "/v1/models/linear:predict", new byte[0], "Origin", origin);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEmpty();
        }
        isRefused(
                client.send("OPTIONS", "/v1/models/linear:predict", new byte[0]),
                400,
                "Malformed request: OPTIONS /v1/models/linear:predict");
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /v1/models/linear:predict",
        "GET, /v1/models/linear:predict",
        "DELETE, /v1/models/linear",
        "POST, /v1/models/linear",
        "POST, /v1/models/linear/metadata",
        "GET, /v1/",
        "GET, /v1/other",
        "POST, /v1/models/linear/versions/1/labels/stable:predict",
        "GET, /v1/models/linear/versions/1/labels/stable",
        "GET, /v1/models/linear/versions/one"
    })
    void everythingElseBelowV1IsMalformed(String verb, String path) {
        isRefused(client.send(verb, path, new byte[0]), 400, "Malformed request: " + verb + " " + path);
    }

    @Test
    void headHasNoBody() {
        HttpResponse<String> answer = client.send("HEAD", "/v1/models/linear", new byte[0]);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void pathsOutsideAreNotFound() {
        assertThat(client.get("/other").statusCode()).isEqualTo(404);
    }

    /** TensorFlow Serving's answer is an empty body. */
    @ParameterizedTest
    @ValueSource(strings = {":predict", ":classify", "", "/metadata"})
    void aVersionBeyondInt64IsNamed(String what) {
        String path = "/v1/models/linear/versions/99999999999999999999" + what;
        isRefused(
                client.send(what.startsWith(":") ? "POST" : "GET", path, new byte[0]),
                400,
                "Failed to convert version: 99999999999999999999 to numeric.");
    }

    /** TensorFlow Serving says that the document is empty. */
    @Test
    void aBodyThatIsNoGzipIsSaidToBeNone() {
        isRefused(
                client.send(
                        "POST",
                        "/v1/models/linear:predict",
                        CaseClient.json(ONE).getBytes(StandardCharsets.UTF_8),
                        "Content-Encoding",
                        "gzip"),
                400,
                "the body is not valid gzip");
    }

    private List<String> versions(String path) {
        HttpResponse<String> answer = client.get(path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body())
                .getJsonArray("model_version_status").stream()
                        .map(version -> ((JsonObject) version).getString("version"))
                        .toList();
    }
}
