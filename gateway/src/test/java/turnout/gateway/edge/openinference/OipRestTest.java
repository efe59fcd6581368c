package turnout.gateway.edge.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OipRestTest {
    private static final String X =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1,2.5]}]}";
    private static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final DoorRig rig = new DoorRig(true);

    @BeforeAll
    void listens() {
        assertThat(rig.port()).isPositive();
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v2/health/live|200|{\"live\":true}",
                "/v2/health/ready|200|{\"ready\":true}",
                "/v2/models/pair/ready|200|{\"name\":\"pair\",\"ready\":true}",
                "/v2/models/pair/versions/2/ready|200|{\"name\":\"pair\",\"ready\":true}",
                "/v2/models/nope/ready|400|{\"name\":\"nope\",\"ready\":false,\"error\":\"Model version not ready\"}",
                "/v2/models/pair|200|{\"name\":\"pair\",\"versions\":[\"1\",\"2\"],\"platform\":\"onnx\",\"inputs\":[{\"name\":\"a\","
                        + "\"datatype\":\"FP32\",\"shape\":[-1,2]},{\"name\":\"b\",\"datatype\":\"INT64\",\"shape\":[-1]}],\"outputs\":"
                        + "[{\"name\":\"p\",\"datatype\":\"FP32\",\"shape\":[-1,2]},{\"name\":\"q\",\"datatype\":\"INT64\",\"shape\":[-1]}]}",
                "/v2/models/echo%5Fbytes/versions/1|200|{\"name\":\"echo_bytes\",\"versions\":[\"1\"],\"platform\":\"onnx\","
                        + "\"inputs\":[{\"name\":\"x\",\"datatype\":\"BYTES\",\"shape\":[-1]}],"
                        + "\"outputs\":[{\"name\":\"y\",\"datatype\":\"BYTES\",\"shape\":[-1]}]}",
                "/v2/models/echo_bytes/config|200|{\"name\":\"echo_bytes\",\"platform\":\"onnx\",\"backend\":\"onnx\","
                        + "\"max_batch_size\":0,\"input\":[{\"name\":\"x\",\"data_type\":\"TYPE_STRING\",\"dims\":[-1]}],"
                        + "\"output\":[{\"name\":\"y\",\"data_type\":\"TYPE_STRING\",\"dims\":[-1]}]}",
                "/v2/models/nope|404|{\"error\":\"Request for unknown model: 'nope' is not found\"}",
                "/v2/models/pair/versions/9|404|{\"error\":\"Request for unknown model: 'pair' version 9 is not found\"}",
                "/v2/models/unloaded|404|{\"error\":\"Request for unknown model: 'unloaded' has no available versions\"}",
                "/v2/models/broken|503|{\"error\":\"Request for unknown model: 'broken' has no available versions\"}",
                "/v2/models/nope/stats|400|{\"error\":\"requested model 'nope' is not available\"}",
                "/v2/models/pair/versions/x/ready|400|{\"error\":\"failed to get model version from specified version string 'x' "
                        + "(details: stol), version should be an integral value > 0\"}",
                "/v2/nothing|404|{\"error\":\"Not Found\"}",
                "/v2/models/|404|{\"error\":\"Not Found\"}",
                "/v2/models/pair/infer|405|{\"error\":\"Method Not Allowed\"}"
            })
    void questionsAreAnswered(String path, int status, String body) throws Exception {
        HttpResponse<byte[]> reply = get(path);

        assertThat(text(reply)).isEqualTo(body);
        assertThat(reply.statusCode()).isEqualTo(status);
        assertThat(reply.headers().firstValue("Content-Type")).contains("application/json");
    }

    @Test
    void theServerSaysWhatItCanWithAndWithoutASlash() throws Exception {
        assertThat(text(get("/v2"))).startsWith("{\"name\":\"turnout\",\"version\":\"1.2.3\",\"extensions\":[");
        assertThat(text(get("/v2/"))).isEqualTo(text(get("/v2")));
        assertThat(text(get("/v2/models"))).contains("\"pair\"");
    }

    @Test
    void statisticsOfWhatWasNeverCalledAreZero() throws Exception {
        assertThat(text(get("/v2/models/pair/versions/1/stats")))
                .startsWith(
                        "{\"model_stats\":[{\"name\":\"pair\",\"version\":\"1\",\"last_inference\":0,\"inference_count\":0,"
                                + "\"execution_count\":0,\"inference_stats\":{\"success\":{\"count\":0,\"ns\":0},\"fail\":");
        assertThat(text(get("/v2/models/stats"))).contains("\"pair\"").doesNotContain("broken");
    }

    @Test
    void jsonComesBackAsJson() throws Exception {
        HttpResponse<byte[]> reply = infer("echo_fp32", X);

        assertThat(text(reply))
                .isEqualTo("{\"model_name\":\"echo_fp32\",\"model_version\":\"2\",\"outputs\":[{\"name\":\"y\","
                        + "\"datatype\":\"FP32\",\"shape\":[2],\"data\":[1.0,2.5]}]}");
        assertThat(reply.headers().firstValue(JSON_LENGTH)).isEmpty();
        assertThat(reply.headers().firstValue("x-turnout-version")).contains("2");
    }

    @Test
    void theIdComesBackAndTheVersionIsChosenByThePath() throws Exception {
        String body = X.replace("{\"inputs\"", "{\"id\":\"ü-1\",\"inputs\"");

        HttpResponse<byte[]> reply = post("/v2/models/echo_fp32/versions/1/infer", bytes(body));

        assertThat(text(reply)).startsWith("{\"id\":\"ü-1\",\"model_name\":\"echo_fp32\",\"model_version\":\"1\"");
    }

    @Test
    void jsonAndBytesMayBeMixedBothWays() throws Exception {
        String json =
                "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"a\",\"shape\":[1,2],\"datatype\":\"FP32\","
                        + "\"parameters\":{\"binary_data_size\":8}},{\"name\":\"b\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[7]}],"
                        + "\"outputs\":[{\"name\":\"q\",\"parameters\":{\"binary_data\":false}},{\"name\":\"p\"}]}";
        byte[] tail = floats(1.5f, -2);

        HttpResponse<byte[]> reply =
                post("/v2/models/pair/infer", concat(bytes(json), tail), JSON_LENGTH, "" + json.length());

        int head = Integer.parseInt(reply.headers().firstValue(JSON_LENGTH).orElseThrow());
        assertThat(new String(reply.body(), 0, head, StandardCharsets.UTF_8))
                .endsWith(
                        "\"outputs\":[{\"name\":\"q\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[7]},"
                                + "{\"name\":\"p\",\"datatype\":\"FP32\",\"shape\":[1,2],\"parameters\":{\"binary_data_size\":8}}]}");
        assertThat(reply.body()).endsWith(tail).hasSize(head + 8);
        assertThat(reply.headers().firstValue("Content-Type")).contains("application/octet-stream");
    }

    @Test
    void aBodyThatIsOnlyBytesComesBackAsBytes() throws Exception {
        byte[] values = floats(1, 2, 3);

        HttpResponse<byte[]> reply = post("/v2/models/echo_fp32/infer", values, JSON_LENGTH, "0");

        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body()).endsWith(values);
    }

    @ParameterizedTest
    @CsvSource({"-5", "abc", "99999", "0x10", "99999999999999999999", "10.5"})
    void aHeaderOutOfRangeIsRefused(String length) throws Exception {
        HttpResponse<byte[]> reply = post("/v2/models/echo_fp32/infer", bytes(X), JSON_LENGTH, length);

        assertThat(reply.statusCode()).isEqualTo(400);
        assertThat(text(reply))
                .contains("inference header size should be in range (0, " + X.length() + "), got: " + length);
    }

    @Test
    void largeJsonGoesThroughTheDecodePool() throws Exception {
        int count = 200_000;
        String numbers = IntStream.range(0, count).mapToObj(i -> i + ".5").collect(Collectors.joining(","));
        String body = "{\"inputs\":[{\"name\":\"x\",\"shape\":[" + count + "],\"datatype\":\"FP32\",\"data\":["
                + numbers + "]}]}";

        HttpResponse<byte[]> reply = infer("echo_fp32", body);

        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(text(reply)).endsWith(",199998.5,199999.5]}]}");
    }

    @Test
    void compressedBodiesAreReadAndRepliesCompressedAsAsked() throws Exception {
        String body = X.replace("[2]", "[1000]").replace("[1,2.5]", "[" + "1,".repeat(999) + "1]");
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes(body));
        }

        HttpResponse<byte[]> gzipped = post(
                "/v2/models/echo_fp32/infer",
                packed.toByteArray(),
                "Content-Encoding",
                "gzip",
                "Accept-Encoding",
                "gzip");
        HttpResponse<byte[]> deflated =
                post("/v2/models/echo_fp32/infer", bytes(body), "Accept-Encoding", "br, gzip;q=0.5, deflate");
        HttpResponse<byte[]> plain =
                post("/v2/models/echo_fp32/infer", bytes(body), "Accept-Encoding", "gzip;q=0, identity");

        assertThat(gzipped.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(gzipped.body())).readAllBytes())
                .isEqualTo(plain.body());
        assertThat(deflated.headers().firstValue("Content-Encoding")).contains("deflate");
        assertThat(new InflaterInputStream(new ByteArrayInputStream(deflated.body())).readAllBytes())
                .isEqualTo(plain.body());
        assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
    }

    @Test
    void unknownCodingsAreNotImplemented() throws Exception {
        HttpResponse<byte[]> reply = post("/v2/models/echo_fp32/infer", bytes(X), "Content-Encoding", "br");

        assertThat(reply.statusCode()).isEqualTo(501);
        assertThat(reply.headers().firstValue("Accept-Encoding")).contains("gzip, deflate");
    }

    @Test
    void classificationGivesTheBestOfEachRow() throws Exception {
        String body = "{\"inputs\":[{\"name\":\"a\",\"shape\":[2,2],\"datatype\":\"FP32\",\"data\":[1,9,-0.5,-7]},"
                + "{\"name\":\"b\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[3,4]}],\"outputs\":["
                + "{\"name\":\"p\",\"parameters\":{\"classification\":1}},{\"name\":\"q\",\"parameters\":{\"classification\":9}}]}";

        assertThat(text(infer("pair", body)))
                .endsWith(
                        "[{\"name\":\"p\",\"datatype\":\"BYTES\",\"shape\":[2,1],\"data\":[\"9.000000:1\",\"-0.500000:0\"]},"
                                + "{\"name\":\"q\",\"datatype\":\"BYTES\",\"shape\":[2],\"data\":[\"4:1\",\"3:0\"]}]}");
    }

    @Test
    void bytesThatAreNoTextAreRefusedAsJsonAndServedAsBytes() throws Exception {
        String json =
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":6}}]}";
        byte[] body = concat(bytes(json), new byte[] {2, 0, 0, 0, (byte) 0xff, (byte) 0xfe});

        HttpResponse<byte[]> refused = post("/v2/models/echo_bytes/infer", body, JSON_LENGTH, "" + json.length());

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(text(refused)).contains("binary_data");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nope|X|404|Request for unknown model: 'nope' is not found",
                "full|X|503|[request id: r] Exceeds maximum queue size",
                "unloaded|X|404|Request for unknown model: 'unloaded' has no available versions",
                "broken|X|503|Request for unknown model: 'broken' has no available versions",
                "echo_int32|X|400|[request id: r] inference input 'x' data-type is 'FP32', but model 'echo_int32' expects 'INT32'",
                "pair|X|400|unexpected inference input 'x' for model 'pair'",
                "pair|A|400|[request id: r] expected 2 inputs but got 1 inputs for model 'pair'. Got input(s) ['a'], but missing required "
                        + "input(s) ['b']. Please provide all required input(s).",
                "pair|S|400|[request id: r] unexpected shape for input 'a' for model 'pair'. Expected [-1,2], got [1,3].",
                "echo_fp32|O|400|unexpected inference output 'z' for model 'echo_fp32'",
                "echo_fp32|{|400|failed to parse the request JSON: it ends too early at byte 1"
            })
    void refusalsAreWordedAsClientsKnowThem(String model, String kind, int status, String text) throws Exception {
        String a = "{\"name\":\"a\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}";
        String b = "{\"name\":\"b\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[1]}";
        String body =
                switch (kind) {
                    case "X" -> "{\"id\":\"r\"," + X.substring(1);
                    case "A" -> "{\"id\":\"r\",\"inputs\":[" + a + "]}";
                    case "S" ->
                        "{\"id\":\"r\",\"inputs\":[" + a.replace(",2]", ",3]").replace("[1,3]}", "[1,2,3]}") + "," + b
                                + "]}";
                    case "O" -> "{\"outputs\":[{\"name\":\"z\"}]," + X.substring(1);
                    default -> kind;
                };

        HttpResponse<byte[]> reply = infer(model, body);

        assertThat(text(reply)).isEqualTo("{\"error\":\"" + text + "\"}");
        assertThat(reply.statusCode()).isEqualTo(status);
        assertThat(reply.headers().firstValue("Retry-After").isPresent()).isEqualTo(model.equals("full"));
    }

    @Test
    void theTimeoutParameterAndTheHeaderMakeTheEarlierDeadline() throws Exception {
        String body = "{\"parameters\":{\"timeout\":9000000000,\"tenant\":\"blue\"}," + X.substring(1);

        post("/v2/models/echo_fp32/infer", bytes(body), "x-turnout-timeout-ms", "60000", "x-turnout-key", "k");

        assertThat(rig.lastCall().envelope().parameters()).containsOnlyKeys("tenant");
        assertThat(rig.lastCall().envelope().key()).isEqualTo("k");
        assertThat(rig.lastCall().deadline()).isNotNull().satisfies(deadline -> assertThat(
                        deadline.nanos() - System.nanoTime())
                .isBetween(30_000_000_000L, 60_000_000_000L));
    }

    @Test
    void theIndexListsStatesAndReasons() throws Exception {
        assertThat(text(post("/v2/repository/index", new byte[0])))
                .contains("{\"name\":\"pair\",\"version\":\"1\",\"state\":\"READY\"}")
                .contains("{\"name\":\"broken\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"no graph\"}")
                .contains("{\"name\":\"unloaded\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"}")
                .contains("{\"name\":\"ghost\",\"state\":\"UNAVAILABLE\",\"reason\":\"it does not exist\"}");
        assertThat(text(post("/v2/repository/index", bytes("{\"ready\":true}"))))
                .doesNotContain("broken", "ghost", "aside", "hollow");
        assertThat(post("/v2/repository/index", bytes("{\"ready\":\"yes\"}")).statusCode())
                .isEqualTo(400);
    }

    @Test
    void theIndexListsWhatAReloadLeftOutAsUnloaded() throws Exception {
        assertThat(text(post("/v2/repository/index", new byte[0])))
                .contains("{\"name\":\"aside\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"}")
                .contains("{\"name\":\"aside\",\"version\":\"3\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"}")
                .contains("{\"name\":\"hollow\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"}");
    }

    @Test
    void modelsAreLoadedAndUnloaded() throws Exception {
        assertThat(text(post("/v2/repository/models/pair/unload", bytes("{}"))))
                .isEqualTo("{\"name\":\"pair\",\"unload\":true}");
        assertThat(text(post("/v2/repository/models/pair/load", new byte[0])))
                .isEqualTo("{\"name\":\"pair\",\"load\":true}");
        assertThat(rig.controlled).containsExactly("unload pair", "load pair");
        HttpResponse<byte[]> unknown = post("/v2/repository/models/nope/load", new byte[0]);
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(text(unknown)).contains("failed to load 'nope'");
        assertThat(post("/v2/repository/models/pair/load", bytes("{\"parameters\":{\"config\":\"{}\"}}"))
                        .statusCode())
                .isEqualTo(501);
    }

    @Test
    void loadingIsForbiddenWhereItIsNotAllowed() throws Exception {
        try (DoorRig closed = new DoorRig(false)) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + closed.port() + "/v2/repository/models/pair/unload"))
                    .POST(BodyPublishers.noBody())
                    .build();

            assertThat(client.send(request, BodyHandlers.ofByteArray()).statusCode())
                    .isEqualTo(403);
            assertThat(closed.controlled).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/v2/models/..%2fpair/infer,404",
        "/v2/models/%252e%252e/infer,404",
        "/v2/models/%00/infer,404",
        "/v2/models/%zz/infer,400",
        "/v2/models/%ff/infer,400",
        "/v2/models//infer,404",
        "/v2/models/pair/versions/1%2F2/infer,400",
        "/v2/models/pair/versions/1/versions/1/infer,404"
    })
    void pathsAreDecodedOnceAndOnlyLookedUp(String path, int status) throws Exception {
        // By hand: the client of the JDK refuses some of these paths.
        assertThat(raw("POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + X.length() + "\r\n\r\n" + X))
                .startsWith("HTTP/1.1 " + status);
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.port())) {
            socket.getOutputStream().write(bytes(request));
            byte[] answer = socket.getInputStream().readNBytes(12);
            return new String(answer, StandardCharsets.US_ASCII);
        }
    }

    private HttpResponse<byte[]> infer(String model, String body) throws Exception {
        return post("/v2/models/" + model + "/infer", bytes(body));
    }

    private HttpResponse<byte[]> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> post(String path, byte[] body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + rig.port() + path);
    }

    private static String text(HttpResponse<byte[]> reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] floats(float... values) {
        ByteBuffer out = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            out.putFloat(value);
        }
        return out.array();
    }

    private static byte[] concat(byte[] left, byte[] right) {
        return ByteBuffer.allocate(left.length + right.length)
                .put(left)
                .put(right)
                .array();
    }

    @Test
    void aBodyThatCannotBeReadIsCounted() throws Exception {
        rig.early.clear();

        assertThat(infer("echo_fp32", "{").statusCode()).isEqualTo(400);
        assertThat(post("/v2/models/echo_fp32/infer", bytes(X), "Content-Encoding", "br")
                        .statusCode())
                .isEqualTo(501);

        assertThat(rig.early).containsExactly("OIP_REST MALFORMED", "OIP_REST UNSUPPORTED");
    }
}
