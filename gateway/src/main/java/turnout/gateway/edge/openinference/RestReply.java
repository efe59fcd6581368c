package turnout.gateway.edge.openinference;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import turnout.gateway.call.Answer;
import turnout.gateway.edge.ReplyCoding;
import turnout.spi.Tensor;

/**
 * An answer as it goes over HTTP.
 *
 * @param contentType JSON, or JSON followed by bytes
 * @param headers further headers
 * @param body the whole of it
 */
record RestReply(String contentType, Map<String, String> headers, Buffer body) {
    static final String JSON_LENGTH = "Inference-Header-Content-Length";

    /** More elements than this take a noticeable part of a millisecond to write as text. */
    private static final int HEAVY_ELEMENTS = 16 * 1024;

    /** So many bytes of a string cost as much as a number. */
    private static final int STRING_BYTES = 16;

    private static final int HEAVY_COMPRESSION = 64 * 1024;

    /** How an answer is wanted. */
    record Wish(Asked asked, List<OutputAsk> outputs, boolean binary, ReplyCoding coding) {}

    /** Whether making the reply would hold up an event loop. */
    static boolean isHeavy(Answer answer, Wish wish) {
        if (wish.coding() != ReplyCoding.IDENTITY && answer.bytes() > HEAVY_COMPRESSION) {
            return true;
        }
        long elements = 0;
        Map<String, OutputAsk> asks = byName(wish.outputs());
        for (Map.Entry<String, Tensor> output : answer.outputs().entrySet()) {
            OutputAsk ask = asks.getOrDefault(output.getKey(), OutputAsk.plain(output.getKey()));
            if (ask.classes() > 0 || !ask.isBinary(wish.binary())) {
                elements +=
                        Math.max(output.getValue().elements(), output.getValue().byteSize() / STRING_BYTES);
            }
        }
        return elements > HEAVY_ELEMENTS;
    }

    static RestReply of(Answer answer, Wish wish) {
        JsonWriter head = new JsonWriter();
        List<Tensor> parts = new ArrayList<>();
        Map<String, OutputAsk> asks = byName(wish.outputs());
        head.beginObject();
        if (!wish.asked().id().isEmpty()) {
            head.field("id", wish.asked().id());
        }
        head.field("model_name", answer.version().model());
        head.field("model_version", Long.toString(answer.version().number()));
        head.key("outputs").beginArray();
        for (Map.Entry<String, Tensor> output : answer.outputs().entrySet()) {
            OutputAsk ask = asks.getOrDefault(output.getKey(), OutputAsk.plain(output.getKey()));
            write(head, ask, output.getValue(), ask.isBinary(wish.binary()), parts);
        }
        head.endArray().endObject();
        return joined(head, parts, wish.coding());
    }

    private static void write(JsonWriter head, OutputAsk ask, Tensor output, boolean binary, List<Tensor> parts) {
        Tensor tensor = ask.classes() > 0 ? Classification.best(ask.name(), output, ask.classes()) : output;
        head.beginObject().field("name", ask.name());
        head.field("datatype", tensor.type().name());
        head.key("shape").beginArray();
        for (long dim : tensor.shape()) {
            head.value(dim);
        }
        head.endArray();
        if (binary) {
            head.key("parameters").beginObject().field("binary_data_size", tensor.byteSize());
            head.endObject();
            parts.add(tensor);
        } else {
            head.key("data");
            JsonOutput.write(ask.name(), tensor, head);
        }
        head.endObject();
    }

    private static RestReply joined(JsonWriter head, List<Tensor> parts, ReplyCoding coding) {
        int bytes = 0;
        for (Tensor part : parts) {
            bytes = Math.addExact(bytes, part.byteSize());
        }
        Map<String, String> headers = new HashMap<>();
        Buffer body = head.toBuffer(bytes);
        if (bytes > 0) {
            headers.put(JSON_LENGTH, Integer.toString(head.length()));
            for (Tensor part : parts) {
                body.setBytes(body.length(), part.data());
            }
        }
        // For caches on the way: another client may need another form.
        headers.put("Vary", "Accept-Encoding");
        if (coding.applies(body.length())) {
            headers.put("Content-Encoding", coding.token());
            body = coding.compress(body);
        }
        return new RestReply(bytes > 0 ? "application/octet-stream" : "application/json", headers, body);
    }

    private static Map<String, OutputAsk> byName(List<OutputAsk> asks) {
        Map<String, OutputAsk> map = new LinkedHashMap<>();
        for (OutputAsk ask : asks) {
            map.put(ask.name(), ask);
        }
        return map;
    }
}
