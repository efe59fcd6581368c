package turnout.dist;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import turnout.spi.DataType;
import turnout.spi.Tensor;
import turnout.testkit.Tensors;

/** The two REST doors: TensorFlow Serving's over HTTP/1.1, the Open Inference Protocol's over h2c. */
final class RestDoors {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String JSON_BYTES = "Inference-Header-Content-Length";

    private final URI base;
    private final Executor executor = Runnable::run;
    private final HttpClient http1 = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(executor)
            .build();
    private final HttpClient http2 = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .executor(executor)
            .build();

    RestDoors(int port) {
        base = URI.create("http://127.0.0.1:" + port);
    }

    /** A request to a path, over HTTP/1.1, whatever its status. */
    CompletableFuture<HttpResponse<String>> send(String method, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(PATIENCE)
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http1.sendAsync(request.build(), BodyHandlers.ofString());
    }

    CompletableFuture<Reply> predictRows(Question question) {
        JsonArray instances = new JsonArray();
        long rows = question.inputs().values().iterator().next().rows();
        for (int row = 0; row < rows; row++) {
            JsonObject values = new JsonObject();
            for (Map.Entry<String, Tensor> input : question.inputs().entrySet()) {
                values.put(input.getKey(), ((JsonArray) TensorText.nested(input.getValue())).getValue(row));
            }
            // One input may stand for itself.
            instances.add(values.size() == 1 ? values.iterator().next().getValue() : values);
        }
        return predict(question, new JsonObject().put("instances", instances)).thenApply(response -> {
            JsonArray predictions = new JsonObject(text(response)).getJsonArray("predictions");
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            question.outputs().forEach((name, type) -> {
                JsonArray values = new JsonArray();
                for (Object prediction : predictions) {
                    values.add(question.outputs().size() == 1 ? prediction : ((JsonObject) prediction).getValue(name));
                }
                outputs.put(name, TensorText.read(type, values));
            });
            return reply(response, served(response), outputs);
        });
    }

    CompletableFuture<Reply> predictColumns(Question question) {
        JsonObject inputs = new JsonObject();
        question.inputs().forEach((name, tensor) -> inputs.put(name, TensorText.nested(tensor)));
        return predict(question, new JsonObject().put("inputs", inputs)).thenApply(response -> {
            Object columns = new JsonObject(text(response)).getValue("outputs");
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            question.outputs()
                    .forEach((name, type) -> outputs.put(
                            name,
                            TensorText.read(
                                    type,
                                    question.outputs().size() == 1 ? columns : ((JsonObject) columns).getValue(name))));
            return reply(response, served(response), outputs);
        });
    }

    private CompletableFuture<HttpResponse<byte[]>> predict(Question question, JsonObject body) {
        String path = "/v1/models/" + question.model()
                + (question.version() == null ? "" : "/versions/" + question.version()) + ":predict";
        if (!question.signature().equals(Question.DEFAULT_SIGNATURE)) {
            body.put("signature_name", question.signature());
        }
        return answered(http1, request(path, question, body.toBuffer().getBytes()));
    }

    CompletableFuture<Reply> inferJson(Question question) {
        JsonArray inputs = new JsonArray();
        question.inputs()
                .forEach((name, tensor) -> inputs.add(describe(name, tensor).put("data", TensorText.flat(tensor))));
        byte[] body = new JsonObject().put("inputs", inputs).toBuffer().getBytes();
        return answered(http2, request(inferPath(question), question, body)).thenApply(response -> {
            JsonObject json = new JsonObject(text(response));
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            for (Object each : json.getJsonArray("outputs")) {
                JsonObject output = (JsonObject) each;
                outputs.put(
                        output.getString("name"),
                        TensorText.read(
                                DataType.valueOf(output.getString("datatype")),
                                shape(output),
                                output.getJsonArray("data")));
            }
            return reply(response, json.getString("model_version"), outputs);
        });
    }

    CompletableFuture<Reply> inferBinary(Question question) {
        JsonArray inputs = new JsonArray();
        ByteArrayOutputStream tail = new ByteArrayOutputStream();
        question.inputs().forEach((name, tensor) -> {
            inputs.add(describe(name, tensor)
                    .put("parameters", new JsonObject().put("binary_data_size", tensor.byteSize())));
            tail.writeBytes(Tensors.bytes(tensor));
        });
        byte[] json = new JsonObject()
                .put("inputs", inputs)
                .put("parameters", new JsonObject().put("binary_data_output", true))
                .toBuffer()
                .getBytes();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json);
        body.writeBytes(tail.toByteArray());
        HttpRequest.Builder request = request(inferPath(question), question, body.toByteArray())
                .header(JSON_BYTES, Integer.toString(json.length));
        return answered(http2, request).thenApply(response -> {
            byte[] all = response.body();
            int length =
                    Integer.parseInt(response.headers().firstValue(JSON_BYTES).orElseThrow());
            JsonObject answer = new JsonObject(new String(all, 0, length, StandardCharsets.UTF_8));
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            int offset = length;
            for (Object each : answer.getJsonArray("outputs")) {
                JsonObject output = (JsonObject) each;
                int size = output.getJsonObject("parameters").getInteger("binary_data_size");
                outputs.put(
                        output.getString("name"),
                        new Tensor(
                                DataType.valueOf(output.getString("datatype")),
                                shape(output),
                                ByteBuffer.wrap(all, offset, size)));
                offset += size;
            }
            return reply(response, answer.getString("model_version"), outputs);
        });
    }

    private HttpRequest.Builder request(String path, Question question, byte[] body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(base.resolve(path)).timeout(PATIENCE).POST(BodyPublishers.ofByteArray(body));
        String key = question.key();
        return key == null ? request : request.header("x-turnout-key", key);
    }

    private static CompletableFuture<HttpResponse<byte[]>> answered(HttpClient client, HttpRequest.Builder request) {
        return client.sendAsync(request.build(), BodyHandlers.ofByteArray()).thenApply(response -> {
            if (response.statusCode() != 200) {
                throw new NotAnswered(Integer.toString(response.statusCode()), text(response));
            }
            return response;
        });
    }

    private static String inferPath(Question question) {
        return "/v2/models/" + question.model() + (question.version() == null ? "" : "/versions/" + question.version())
                + "/infer";
    }

    private static JsonObject describe(String name, Tensor tensor) {
        JsonArray shape = new JsonArray();
        for (long dim : tensor.shape()) {
            shape.add(dim);
        }
        return new JsonObject()
                .put("name", name)
                .put("datatype", tensor.type().name())
                .put("shape", shape);
    }

    private static long[] shape(JsonObject output) {
        return output.getJsonArray("shape").stream()
                .mapToLong(dim -> ((Number) dim).longValue())
                .toArray();
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static String served(HttpResponse<?> response) {
        return response.headers().firstValue("x-turnout-version").orElse("");
    }

    private static Reply reply(HttpResponse<?> response, String version, Map<String, Tensor> outputs) {
        return new Reply(version, served(response), outputs);
    }
}
