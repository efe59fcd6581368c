package turnout.dist;

import java.util.List;
import java.util.stream.Stream;

/** What the Open Inference Protocol's REST interface has to refuse, in Triton's words where its clients may know them. */
final class BadOipRequests {
    private static final String FLOATS = "/v2/models/half_plus_two_onnx/infer";
    private static final String PAIR = "/v2/models/multi_io_onnx/infer";
    private static final String STRINGS = "/v2/models/identity_string_onnx/infer";
    private static final String A = "{\"name\":\"a\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}";
    private static final String B = "{\"name\":\"b\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[1]}";
    private static final String GOOD = x("\"FP32\"", "[1]", "[1]");

    private BadOipRequests() {}

    static Stream<BadRequest> all() {
        return Stream.of(documents(), targets(), inputs(), tensors(), parameters(), binary(), paths())
                .flatMap(List::stream);
    }

    private static List<BadRequest> documents() {
        return List.of(
                floats("no body", "", ""),
                floats("not JSON", "inputs", ""),
                floats("cut off", "{\"inputs\":[", ""),
                floats("a list", "[]", ""),
                floats("no inputs", "{}", "inputs"),
                floats("inputs in no list", "{\"inputs\":{}}", "inputs"),
                floats("input that is no object", "{\"inputs\":[1]}", ""),
                floats("something behind it", GOOD + "}", ""),
                floats("lists in each other", x("\"FP32\"", "[1]", "[".repeat(200) + "1" + "]".repeat(200)), ""),
                floats("100,000 lists in each other", "{\"inputs\":" + "[".repeat(100_000), ""),
                floats("bytes that are no text", "", "").body(new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1}));
    }

    private static List<BadRequest> targets() {
        return List.of(
                BadRequest.post(
                        "unknown model",
                        "/v2/models/nope/infer",
                        GOOD,
                        404,
                        "Request for unknown model: 'nope' is not found"),
                BadRequest.post(
                        "unknown version",
                        "/v2/models/half_plus_two_onnx/versions/9/infer",
                        GOOD,
                        404,
                        "Request for unknown model: 'half_plus_two_onnx' version 9 is not found"),
                BadRequest.post(
                        "model that could not be loaded", "/v2/models/broken_onnx/infer", GOOD, 503, "broken_onnx"),
                BadRequest.bare("metadata of an unknown model", "GET", "/v2/models/nope", 404, "nope"),
                BadRequest.bare("statistics of an unknown model", "GET", "/v2/models/nope/stats", 400, "nope"),
                BadRequest.bare("loading of an unknown model", "POST", "/v2/repository/models/nope/load", 404, "nope"));
    }

    private static List<BadRequest> inputs() {
        return List.of(
                pair("input missing", A, "expected 2 inputs but got 1 inputs for model 'multi_io_onnx'"),
                pair(
                        "input unknown",
                        A + "," + B + "," + B.replace("\"b\"", "\"c\""),
                        "unexpected inference input 'c'"),
                pair("input twice", A + "," + B + "," + B, "b"),
                floats(
                        "output unknown",
                        GOOD.replace("]}", "],\"outputs\":[{\"name\":\"z\"}]}"),
                        "unexpected inference output 'z'"));
    }

    private static List<BadRequest> tensors() {
        return List.of(
                floats("type that the model does not take", x("\"INT32\"", "[1]", "[1]"), "data-type is 'INT32'"),
                floats("type that there is not", x("\"FLOAT\"", "[1]", "[1]"), "invalid datatype"),
                floats("type that is no text", x("5", "[1]", "[1]"), "datatype"),
                floats("shape that does not fit", x("\"FP32\"", "[1,1]", "[1]"), "unexpected shape for input 'x'"),
                floats("shape that is no list", x("\"FP32\"", "1", "[1]"), "shape"),
                floats("negative dimension", x("\"FP32\"", "[-1]", "[1]"), "shape"),
                floats("dimension of text", x("\"FP32\"", "[\"1\"]", "[1]"), "shape"),
                floats("more elements than numbers go", x("\"FP32\"", "[4611686018427387904,8]", "[1]"), "x"),
                floats("forty dimensions", x("\"FP32\"", "[" + "1,".repeat(39) + "1]", "[1]"), "32 dimensions"),
                floats("too few elements", x("\"FP32\"", "[2]", "[1]"), "x"),
                floats("too many elements", x("\"FP32\"", "[1]", "[1,2]"), "x"),
                floats("text for a number", x("\"FP32\"", "[1]", "[\"a\"]"), "x"),
                floats("null for a number", x("\"FP32\"", "[1]", "[null]"), "x"),
                floats("no data", "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1]}]}", "data"),
                BadRequest.post("number for a string", STRINGS, x("\"BYTES\"", "[1]", "[1]"), 400, "x"));
    }

    private static List<BadRequest> parameters() {
        return List.of(
                floats(
                        "parameter that is reserved",
                        GOOD.replace("]}", "],\"parameters\":{\"triton_a\":1}}"),
                        "reserved"),
                floats(
                        "deadline that is no number",
                        GOOD.replace("]}", "],\"parameters\":{\"timeout\":\"soon\"}}"),
                        "timeout"),
                floats("negative deadline", GOOD.replace("]}", "],\"parameters\":{\"timeout\":-1}}"), "timeout"),
                BadRequest.post("unknown compression", FLOATS, GOOD, 501, "compression")
                        .header("Content-Encoding", "br"),
                floats("gzip that is none", GOOD, "gzip").header("Content-Encoding", "gzip"),
                floats("deadline header that is no number", GOOD, "x-turnout-timeout-ms")
                        .header("x-turnout-timeout-ms", "-5"));
    }

    private static List<BadRequest> binary() {
        String binary =
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1],\"parameters\":{\"binary_data_size\":4}}]}";
        String length = "Inference-Header-Content-Length";
        String json = Integer.toString(binary.length());
        return List.of(
                floats("JSON longer than the body", GOOD, "inference header size should be in range")
                        .header(length, "9999"),
                floats("length that is no number", GOOD, "header").header(length, "many"),
                floats("negative length", GOOD, "header").header(length, "-1"),
                floats("tensor cut off", binary + "12", "x").header(length, json),
                floats("bytes behind the tensors", binary + "12345678", "unexpected additional input data")
                        .header(length, json),
                floats("size that does not fit the shape", binary.replace(":4", ":8") + "12345678", "x")
                        .header(length, json),
                BadRequest.post("strings cut off", STRINGS, binary.replace("FP32", "BYTES") + "\u0009\0\0\0", 400, "x")
                        .header(length, Integer.toString(binary.length() + 1)));
    }

    private static List<BadRequest> paths() {
        return List.of(
                BadRequest.bare("GET where POST belongs", "GET", FLOATS, 405, "Method Not Allowed"),
                BadRequest.bare(
                        "POST where GET belongs", "POST", "/v2/models/half_plus_two_onnx", 405, "Method Not Allowed"),
                BadRequest.bare("slash at the end", "GET", "/v2/models/half_plus_two_onnx/", 404, ""),
                BadRequest.bare("unknown path", "GET", "/v2/nonsense", 404, ""),
                BadRequest.bare("unknown path beside all doors", "GET", "/nonsense", 404, ""),
                BadRequest.bare("admin API on the data port", "GET", "/admin/v1/models", 404, ""),
                BadRequest.bare("root", "GET", "/", 404, ""));
    }

    private static BadRequest floats(String name, String body, String words) {
        return BadRequest.post(name, FLOATS, body, 400, words);
    }

    private static BadRequest pair(String name, String inputs, String words) {
        return BadRequest.post(name, PAIR, "{\"inputs\":[" + inputs + "]}", 400, words);
    }

    private static String x(String type, String shape, String data) {
        return "{\"inputs\":[{\"name\":\"x\",\"datatype\":" + type + ",\"shape\":" + shape + ",\"data\":" + data
                + "}]}";
    }
}
