package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.edge.EdgeConfig;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TfsRestTest {
    private final HttpClient client = HttpClient.newHttpClient();

    @SuppressWarnings("NullAway.Init")
    private DoorRig rig;

    @BeforeAll
    void open() {
        rig = new DoorRig();
    }

    @AfterAll
    void close() {
        rig.close();
    }

    private HttpResponse<String> call(String verb, String path, String body, String... headers) {
        return call(HttpResponse.BodyHandlers.ofString(), verb, path, body, headers);
    }

    private <T> HttpResponse<T> call(
            HttpResponse.BodyHandler<T> reading, String verb, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + rig.port() + path))
                .timeout(Duration.ofSeconds(20))
                .method(verb, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), reading);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private HttpResponse<String> get(String path) {
        return call("GET", path, "");
    }

    private HttpResponse<String> predict(String body) {
        return call("POST", "/v1/models/echo:predict", body);
    }

    private static void isError(HttpResponse<String> reply, int status, String text) {
        assertThat(reply.statusCode()).isEqualTo(status);
        assertThat(reply.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(reply.body()).startsWith("{\"error\": \"").contains(text);
    }

    @Test
    void rowsAndColumnsAreLaidOutAsEver() {
        assertThat(predict("{\"instances\":[3.5,4,5.5]}").body())
                .isEqualTo("{\n    \"predictions\": [3.5, 4.0, 5.5\n    ]\n}\n");
        assertThat(predict("{\"inputs\":[[3.5],[4]]}").body())
                .isEqualTo("{\n    \"outputs\": [[3.5], [4.0]\n    ]\n}\n");
        assertThat(predict("{\"inputs\":{\"x\":1e30}}").body()).isEqualTo("{\n    \"outputs\": 1e+30\n}\n");
        assertThat(predict("{\"inputs\":[]}").body()).isEqualTo("{\n    \"outputs\": []\n}\n");
    }

    @Test
    void severalOutputsAreObjects() {
        String rows = "{\"signature_name\":\"two\",\"instances\":[{\"a\":[1,2],\"b\":true},{\"b\":false,\"a\":[3,4]}]}";
        assertThat(predict(rows).body())
                .isEqualToIgnoringWhitespace(
                        "{\"predictions\": [{\"p\": [1, 2],\"q\": true},{\"p\": [3, 4],\"q\": false}]}");
        String columns = "{\"signature_name\":\"two\",\"inputs\":{\"a\":[[1,2]],\"b\":[true]}}";
        assertThat(predict(columns).body())
                .isEqualToIgnoringWhitespace("{\"outputs\": {\"p\": [[1, 2]],\"q\": [true]}}");
    }

    @Test
    void anInferenceTellsWhoAnswered() {
        HttpResponse<String> reply = predict("{\"instances\":[1]}");
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(reply.headers().firstValue("x-turnout-version")).hasValue("3");
    }

    @Test
    void theEnvelopeHoldsWhatPathHeadersAndBodySay() {
        rig.calls.clear();
        HttpResponse<String> reply = call(
                "POST",
                "/v1/models/ec%68o/versions/3:predict?x=1&trace=a%2Fb",
                "{\"signature_name\":\"words\",\"instances\":[\"a\"]}",
                "x-turnout-key",
                "me",
                "x-turnout-timeout-ms",
                "5000");
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(rig.calls).singleElement().satisfies(call -> {
            assertThat(call.envelope().dialect()).isEqualTo(Dialect.TFS_REST);
            assertThat(call.envelope().model()).isEqualTo("echo");
            assertThat(call.envelope().selector()).isEqualTo(new VersionSelector.Exactly(3));
            assertThat(call.envelope().signature()).isEqualTo("words");
            assertThat(call.envelope().key()).isEqualTo("me");
            assertThat(call.envelope().deadline()).isNotNull();
            assertThat(call.inputs().allowsLooseShapes()).isTrue();
        });
    }

    @Test
    void largeBodiesAreDecodedAllTheSame() {
        String values = "1.25,".repeat(200_000) + "1.25";
        HttpResponse<String> reply = predict("{\"instances\":[" + values + "]}");
        assertThat(reply.body()).isEqualTo("{\n    \"predictions\": [" + values.replace(",", ", ") + "\n    ]\n}\n");
        isError(predict("{\"instances\":[" + values + ",x]}"), 400, "JSON Parse error: Invalid value.");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_000, 100_000})
    void repliesAreCompressedWhereTheCallerCanReadThatAndItPays(int count) throws IOException {
        String body = "{\"instances\":[" + "1.25,".repeat(count - 1) + "1.25]}";
        HttpResponse<byte[]> reply = call(
                HttpResponse.BodyHandlers.ofByteArray(),
                "POST",
                "/v1/models/echo:predict",
                body,
                "Accept-Encoding",
                "gzip");
        boolean packed = reply.headers().firstValue("Content-Encoding").equals(Optional.of("gzip"));
        assertThat(packed).isEqualTo(count > 1);
        assertThat(reply.headers().firstValue("Vary")).contains("Accept-Encoding");
        InputStream bytes = new ByteArrayInputStream(reply.body());
        byte[] text = (packed ? new GZIPInputStream(bytes) : bytes).readAllBytes();
        assertThat(new String(text, StandardCharsets.UTF_8))
                .isEqualTo(predict(body).body());
    }

    @Test
    void case67_textOfAnyKindStaysValidJson() {
        assertThat(predict("{\"signature_name\":\"words\",\"inputs\":[\"q\\\"\\\\\\n\\u0001ü\"]}")
                        .body())
                .contains("[\"q\\\"\\\\\\n\\u0001ü\"");
        assertThat(predict("{\"signature_name\":\"words\",\"inputs\":[{\"b64\":\"//79\"}]}")
                        .body())
                .contains("[{\"b64\": \"//79\"}");
        isError(predict("{\"instances\":[\"say \\\"hi\\\"\"]}"), 400, "say \\\\\\\"hi\\\\\\\"");
        isError(predict("{\"signature_name\":\"a\\\"b\",\"instances\":[1]}"), 400, "a\\\"b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nope|404|Servable not found for request: Latest(nope)",
                "nope/versions/9|404|Servable not found for request: Specific(nope, 9)",
                "echo/versions/9|404|Servable not found for request: Specific(echo, 9)",
                "nope/labels/l|400|Unrecognized servable version label: l",
                "busy|503|the queue of model 'busy' is full",
                "late|504|Timed out waiting for notification",
                "loading|503|loading",
                "gone|404|Servable not found for request: Latest(gone)",
                "failing|400|negative value in x",
                "defective|500|internal error",
            })
    void refusalsHaveTheirStatusAndTheirWords(String model, int status, String text) {
        HttpResponse<String> reply = call("POST", "/v1/models/" + model + ":predict", "{\"instances\":[1]}");
        isError(reply, status, text);
        assertThat(reply.headers().firstValue("retry-after").isPresent()).isEqualTo(status == 503);
    }

    @Test
    void anUnknownSignatureIsNamed() {
        isError(
                predict("{\"signature_name\":\"nope\",\"instances\":[1]}"),
                400,
                "Serving signature name: \\\"nope\\\" not found in signature def");
    }

    @Test
    void aBadBodyWinsOverAnUnknownModel() {
        isError(
                call("POST", "/v1/models/nope:predict", "not json"),
                400,
                "JSON Parse error: Invalid value. at offset: 0");
    }

    @Test
    void pagesOfOtherOriginsAreToldOnlyWhereThatIsSwitchedOn() throws IOException, InterruptedException {
        assertThat(predict("{\"instances\":[1]}").headers().map()).doesNotContainKey("access-control-allow-origin");
        try (DoorRig open = new DoorRig(true, EdgeConfig.Cors.ON)) {
            for (String body : List.of("{\"instances\":[1]}", "bad")) {
                for (String verb : List.of("POST", "OPTIONS", "GET")) {
                    HttpRequest request = HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + open.port() + "/v1/models/echo:predict"))
                            .header("Origin", "http://page.example")
                            .method(verb, HttpRequest.BodyPublishers.ofString(body))
                            .build();
                    HttpResponse<String> answer =
                            HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
                    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin"))
                            .hasValue("*");
                    assertThat(answer.headers().firstValue("Access-Control-Allow-Methods"))
                            .hasValue("POST, GET");
                    assertThat(answer.headers().firstValue("Access-Control-Allow-Headers"))
                            .hasValue("Content-Type");
                }
            }
        }
    }

    @Test
    void emptyErrorBodiesAreThingsOfThePast() {
        isError(
                call("POST", "/v1/models/echo/versions/9223372036854775808:predict", "{\"instances\":[1]}"),
                400,
                "9223372036854775808");
        isError(predict(""), 400, "The document is empty");
        isError(call("POST", "/v1/models/echo:predict", "no gzip", "Content-Encoding", "gzip"), 400, "gzip");
        isError(call("POST", "/v1/models/echo:predict", "{}", "Content-Encoding", "br"), 415, "Content-Encoding");
        isError(call("PUT", "/v1/models/echo:predict", "{}"), 400, "Malformed request: PUT /v1/models/echo:predict");
        assertThat(call("HEAD", "/v1/models/echo", "").body()).isEmpty();
        assertThat(call("OPTIONS", "/v1/models/echo", "", "Origin", "http://page.example")
                        .statusCode())
                .isEqualTo(200);
        isError(call("OPTIONS", "/v1/models/echo", ""), 400, "Malformed request: OPTIONS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nope", "-1"})
    void timeoutsThatAreNoneAreRefused(String timeout) {
        isError(
                call("POST", "/v1/models/echo:predict", "{\"instances\":[1]}", "x-turnout-timeout-ms", timeout),
                400,
                "x-turnout-timeout-ms");
    }

    @Test
    void theStatusListsTheNewestFirstAndFailuresWithTheirReason() {
        assertThat(get("/v1/models/echo").body()).isEqualToIgnoringWhitespace("""
                        {"model_version_status": [
                          {"version": "3", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}},
                          {"version": "2", "state": "END", "status": {"error_code": "INTERNAL", "error_message": "it is \\"broken\\""}}
                        ]}""");
    }

    @Test
    void theStatusHonoursVersionAndLabel() {
        for (String at : new String[] {"/versions/2", "/labels/old"}) {
            assertThat(get("/v1/models/echo" + at).body()).contains("\"2\"").doesNotContain("\"3\"");
        }
        isError(get("/v1/models/nope"), 404, "Could not find any versions of model nope");
        isError(get("/v1/models/echo/versions/9"), 404, "Could not find version 9 of model echo");
        isError(get("/v1/models/echo/labels/nowhere"), 400, "Unrecognized servable version label: nowhere");
    }

    @Test
    void theListNamesEveryModel() {
        assertThat(get("/v1/models").body()).contains("\"models\": [").contains("\"name\": \"echo\"");
    }

    @Test
    void theMetadataShowSignatures() {
        String body = get("/v1/models/echo/metadata").body();
        assertThat(body)
                .startsWith("""
                        {
                         "model_spec": {
                          "name": "echo",
                          "signature_name": "",
                          "version": "3"
                         },
                         "metadata": {
                          "signature_def": {
                           "signature_def": {
                        """)
                .contains("""
                            "serving_default": {
                             "inputs": {
                              "x": {
                               "dtype": "DT_FLOAT",
                               "tensor_shape": {
                                "dim": [
                                 {
                                  "size": "-1",
                                  "name": ""
                                 },
                                 {
                                  "size": "1",
                                  "name": ""
                                 }
                                ],
                                "unknown_rank": false
                               },
                               "name": "x:0"
                              }
                             },
                        """)
                .contains("\"method_name\": \"tensorflow/serving/predict\",\n     \"defaults\": {}\n    }")
                .contains("\"dim\": [],\n        \"unknown_rank\": true");
        isError(get("/v1/models/nope/metadata"), 404, "Servable not found for request: Latest(nope)");
        isError(get("/v1/models/echo/versions/2/metadata"), 404, "Servable not found for request: Specific(echo, 2)");
        isError(get("/v1/models/echo/labels/nowhere/metadata"), 400, "Unrecognized servable version label: nowhere");
    }

    @Test
    void case65_classifyAndRegressAnswerResults() {
        String rows = "\"examples\":[{\"v\":[1.0]},{}]}";
        assertThat(call("POST", "/v1/models/echo:regress", "{\"signature_name\":\"regress\"," + rows)
                        .body())
                .isEqualToIgnoringWhitespace("{\"results\": [17.0, 2.0]}");
        assertThat(call("POST", "/v1/models/echo:classify", "{\"signature_name\":\"classify\"," + rows)
                        .body())
                .isEqualToIgnoringWhitespace("{\"results\": [[[\"c\", 17.0]], [[\"c\", 2.0]]]}");
        isError(
                call("POST", "/v1/models/echo:classify", "{\"signature_name\":\"regress\"," + rows),
                400,
                "Expected classification signature method_name");
    }

    @Test
    void getWithABodyDoesNoHarm() {
        assertThat(call("GET", "/v1/models/echo", "x".repeat(300_000)).statusCode())
                .isEqualTo(200);
        assertThat(predict("{\"instances\":[1]}").statusCode()).isEqualTo(200);
    }

    @Test
    void aBodyThatCannotBeReadIsCounted() {
        rig.early.clear();

        assertThat(predict("{").statusCode()).isEqualTo(400);

        assertThat(rig.early).containsExactly("TFS_REST MALFORMED");
    }
}
