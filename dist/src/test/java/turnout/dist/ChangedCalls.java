package turnout.dist;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import turnout.protocol.codec.TensorProtos;
import turnout.protocol.openinference.ModelInferRequest;
import turnout.protocol.tensorflow.Example;
import turnout.protocol.tfserving.ClassificationRequest;
import turnout.protocol.tfserving.ExampleList;
import turnout.protocol.tfserving.Input;
import turnout.protocol.tfserving.ModelSpec;
import turnout.protocol.tfserving.PredictRequest;
import turnout.testkit.Tensors;

/** Sends requests whose bodies, and some of whose headers, are not what the path says. */
final class ChangedCalls implements AutoCloseable {
    /** Statuses that blame the server: UNKNOWN, INTERNAL, DATA_LOSS. */
    private static final Set<String> BLAMES = Set.of("2", "13", "15");

    /** What gRPC calls INTERNAL though it comes from the client: a message that is not coded as it says. */
    private static final List<String> EXCUSES =
            List.of("the message cannot be decoded", "the compressed message is not valid");

    private static final List<String> HEADERS = List.of(
            "content-encoding",
            "inference-header-content-length",
            "grpc-timeout",
            "grpc-encoding",
            "accept-encoding",
            "content-type",
            "te",
            "origin");
    private static final List<String> VALUES = List.of(
            "gzip",
            "deflate",
            "br",
            "identity",
            "0",
            "1",
            "-1",
            "99999999999",
            "1n",
            "100m",
            "9999999999H",
            "\u00e9",
            "application/grpc+json",
            "application/json",
            "http://elsewhere",
            "trailers",
            "gzip;q=x, *;q=0");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient rest;
    private final HttpClient rpc;

    ChangedCalls(int port) {
        HttpClientOptions options =
                new HttpClientOptions().setDefaultHost("127.0.0.1").setDefaultPort(port);
        rest = vertx.createHttpClient(options);
        rpc = vertx.createHttpClient(new HttpClientOptions(options)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    }

    /**
     * A good request.
     *
     * @param isGrpc whether the body is a message
     */
    @SuppressWarnings("ArrayRecordComponent") // never written to, never compared
    record Seed(String path, boolean isGrpc, byte[] body) {
        static Seed rest(String path, String body) {
            return new Seed(path, false, body.getBytes(StandardCharsets.UTF_8));
        }

        static Seed rpc(String path, Message message) {
            return new Seed(path, true, message.toByteArray());
        }

        /** As it goes over HTTP/1.1, to have its head changed, too. */
        byte[] asText() {
            String head = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                    + body.length + "\r\nContent-Type: application/json\r\n\r\n";
            return (head + new String(body, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    static List<Seed> seeds() {
        ModelSpec.Builder half = ModelSpec.newBuilder().setName("half_plus_two");
        Input row = Input.newBuilder()
                .setExampleList(ExampleList.newBuilder().addExamples(Example.getDefaultInstance()))
                .build();
        return List.of(
                Seed.rest("/v1/models/half_plus_two:predict", "{\"instances\": [1.0, 2.5, -3e1]}"),
                Seed.rest("/v1/models/half_plus_two_onnx:predict", "{\"inputs\": {\"x\": [1, 2]}}"),
                Seed.rest("/v1/models/identity_string_onnx:predict", "{\"instances\": [\"a\", {\"b64\": \"AQID\"}]}"),
                Seed.rest("/v1/models/examples:classify", "{\"examples\": [{\"x\": 1.5}, {\"x\": [2.5]}]}"),
                Seed.rest(
                        "/v2/models/half_plus_two_onnx/infer",
                        "{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1,2]}]}"),
                Seed.rest(
                        "/v2/models/identity_string_onnx/infer",
                        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"\\u00e9\"]}]}"),
                Seed.rpc(
                        "/tensorflow.serving.PredictionService/Predict",
                        PredictRequest.newBuilder()
                                .setModelSpec(half)
                                .putInputs("x", TensorProtos.encode(Tensors.floats(1, 2)))
                                .build()),
                Seed.rpc(
                        "/tensorflow.serving.PredictionService/Classify",
                        ClassificationRequest.newBuilder()
                                .setModelSpec(ModelSpec.newBuilder().setName("examples"))
                                .setInput(row)
                                .build()),
                Seed.rpc(
                        "/inference.GRPCInferenceService/ModelInfer",
                        ModelInferRequest.newBuilder()
                                .setModelName("half_plus_two_onnx")
                                .addInputs(ModelInferRequest.InferInputTensor.newBuilder()
                                        .setName("x")
                                        .setDatatype("FP32")
                                        .addShape(1))
                                .addRawInputContents(ByteString.copyFrom(new byte[] {0, 0, (byte) 0x80, 0x3f}))
                                .build()));
    }

    /**
     * A call under way.
     *
     * @param request what was sent
     * @param fault why the answer is wrong, empty if it is not
     */
    record Sent(String request, Future<String> fault) {}

    /** Sends a body in the place of the seed's, sometimes with a header that does not belong there. */
    Sent send(Seed seed, byte[] body, Random random) {
        String header = random.nextInt(4) == 0 ? HEADERS.get(random.nextInt(HEADERS.size())) : "";
        String value = VALUES.get(random.nextInt(VALUES.size()));
        int prefix = random.nextInt(8);
        String what = seed.path() + ' ' + header + ": " + value + ", prefix " + prefix + ", "
                + HexFormat.of().formatHex(body);
        Future<String> fault = (seed.isGrpc() ? rpc : rest)
                .request(HttpMethod.POST, seed.path())
                .compose(request -> {
                    if (seed.isGrpc()) {
                        request.putHeader("content-type", "application/grpc").putHeader("te", "trailers");
                    }
                    if (!header.isEmpty()) {
                        request.putHeader(header, value);
                    }
                    return request.send(seed.isGrpc() ? framed(body, prefix) : Buffer.buffer(body));
                })
                .compose(response -> response.body().map(all -> fault(seed, response, all)))
                // A connection that ends is an answer, too: what matters is that it does.
                .otherwise("");
        return new Sent(what, fault);
    }

    /** The message with its prefix, which sometimes lies about length or coding. */
    private static Buffer framed(byte[] body, int prefix) {
        int length = prefix == 0 ? body.length + 7 : prefix == 1 ? Integer.MAX_VALUE : body.length;
        return Buffer.buffer()
                .appendByte((byte) (prefix == 2 ? 1 : prefix == 3 ? 0xff : 0))
                .appendInt(length)
                .appendBytes(body);
    }

    private static String fault(Seed seed, HttpClientResponse response, Buffer body) {
        String grpc = response.trailers().get("grpc-status");
        String status = grpc == null ? response.getHeader("grpc-status") : grpc;
        String message = grpc == null
                ? response.getHeader("grpc-message")
                : response.trailers().get("grpc-message");
        String text = message == null ? "" : URLDecoder.decode(message, StandardCharsets.UTF_8);
        boolean blames = response.statusCode() >= 500 && response.statusCode() != 501 && response.statusCode() != 503;
        boolean blamesByRpc =
                status != null && BLAMES.contains(status) && EXCUSES.stream().noneMatch(text::startsWith);
        return blames || blamesByRpc
                ? seed.path() + " was answered " + response.statusCode() + ", gRPC " + status + ": " + text + " " + body
                : "";
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
