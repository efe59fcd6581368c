package turnout.dist;

import java.util.List;
import java.util.stream.Stream;

/** What TensorFlow Serving's REST interface has to refuse, in its own words where its clients may know them. */
final class BadTfsRequests {
    private static final String FLOATS = "/v1/models/half_plus_two:predict";
    private static final String PAIR = "/v1/models/multi_io:predict";
    private static final String TYPES = "/v1/models/identity:predict";
    private static final String MATRIX = "/v1/models/matrix:predict";
    private static final String GOOD = "{\"instances\": [1.0]}";

    private BadTfsRequests() {}

    static Stream<BadRequest> all() {
        return Stream.of(documents(), targets(), rows(), types(), verbs(), examples(), transport())
                .flatMap(List::stream);
    }

    private static List<BadRequest> documents() {
        return List.of(
                floats("no body", "", "JSON Parse error: The document is empty"),
                floats("blanks", "  \n", "JSON Parse error: The document is empty"),
                floats("not JSON", "instances = [1]", "JSON Parse error: Invalid value"),
                floats("cut off", "{\"instances\": [1.0", "JSON Parse error"),
                floats("a list", "[]", "Is not object"),
                floats("neither key", "{}", "Missing 'inputs' or 'instances' key"),
                floats(
                        "both keys",
                        "{\"inputs\": [1], \"instances\": [1]}",
                        "Not formatted correctly expecting only one"),
                floats("rows in no list", "{\"instances\": 5}", "to be an list/array"),
                floats("rows in an object", "{\"instances\": {}}", "to be an list/array"),
                floats("no rows", "{\"instances\": []}", "No values in 'instances' array"),
                floats(
                        "signature that is no text",
                        "{\"signature_name\": 5, \"instances\": [1]}",
                        "must be a string value"),
                floats("words of other parsers", "{\"instances\": [nan]}", "JSON Parse error"),
                floats("100,000 lists in each other", "{\"instances\": " + "[".repeat(100_000), "JSON Parse error"),
                floats("bytes that are no text", "", "JSON Parse error")
                        .body(new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1}));
    }

    private static List<BadRequest> targets() {
        return List.of(
                BadRequest.post(
                        "unknown model",
                        "/v1/models/nope:predict",
                        GOOD,
                        404,
                        "Servable not found for request: Latest(nope)"),
                BadRequest.post(
                        "unknown version",
                        "/v1/models/half_plus_two/versions/99:predict",
                        GOOD,
                        404,
                        "Servable not found for request: Specific(half_plus_two, 99)"),
                BadRequest.post(
                        "unknown label",
                        "/v1/models/half_plus_two/labels/nope:predict",
                        GOOD,
                        400,
                        "Unrecognized servable version label: nope"),
                BadRequest.post(
                        "bad body for an unknown model", "/v1/models/nope:predict", "{", 400, "JSON Parse error"),
                BadRequest.post(
                        "version beyond 64 bits",
                        "/v1/models/half_plus_two/versions/99999999999999999999:predict",
                        GOOD,
                        400,
                        "Failed to convert version: 99999999999999999999 to numeric"),
                BadRequest.post(
                        "version and label",
                        "/v1/models/half_plus_two/versions/1/labels/a:predict",
                        GOOD,
                        400,
                        "Malformed request: POST"),
                BadRequest.post(
                        "unknown signature",
                        FLOATS,
                        "{\"signature_name\": \"nope\", \"instances\": [1.0]}",
                        400,
                        "Serving signature name: \"nope\" not found in signature def"),
                BadRequest.post("model that could not be loaded", "/v1/models/broken:predict", GOOD, 404, "broken"),
                BadRequest.post(
                        "name that climbs", "/v1/models/..%2F..%2Fetc%2Fpasswd:predict", GOOD, 404, "not found"));
    }

    private static List<BadRequest> rows() {
        return List.of(
                matrix("ragged rows", "[[1, 2], [3]]", "Expecting tensor size: 2 but got: 1"),
                matrix("deeper row", "[[1, 2], [[3, 4]]]", "Expecting shape"),
                matrix("list after a number", "[1, [1]]", "Expecting shape"),
                matrix("object after a list", "[[1, 2], {\"x\": [1, 2]}]", "Expecting value/list but got object"),
                matrix("list after an object", "[{\"x\": [1, 2]}, [1, 2]]", "Expecting object but got list"),
                pair("too few dimensions", "{\"inputs\": {\"a\": [1, 2], \"b\": [1]}}", ""),
                BadRequest.post(
                        "too many dimensions",
                        "/v1/models/half_plus_two_onnx:predict",
                        "{\"instances\": [[1.0]]}",
                        400,
                        "x"),
                pair("plain list for two inputs", "{\"instances\": [1, 2]}", "instances is a plain list"),
                pair("plain column for two inputs", "{\"inputs\": [1, 2]}", "inputs is a plain value/list"),
                pair("row without an input", "{\"instances\": [{\"a\": [1, 2]}]}", "keys must be equal to"),
                pair(
                        "row with a strange input",
                        "{\"instances\": [{\"a\": [1, 2], \"z\": 1}]}",
                        "does not have named input: z"),
                pair("columns without an input", "{\"inputs\": {\"a\": [[1, 2]]}}", "Missing named input: b"));
    }

    private static List<BadRequest> types() {
        return List.of(
                floats("text for a number", "{\"instances\": [\"x\"]}", "not of expected type: float"),
                floats("null for a number", "{\"instances\": [null]}", "not of expected type: float"),
                floats("bool for a number", "{\"instances\": [true]}", "not of expected type: float"),
                type("fraction for an integer", "int32", "1.5", "not of expected type: int32"),
                type("integer beyond 32 bits", "int32", "2147483648", "int32"),
                type("integer beyond 8 bits", "uint8", "300", "uint8"),
                type("negative for unsigned", "uint64", "-1", "uint64"),
                type("number beyond double", "float64", "1e400", "JSON Parse error"),
                type("number for a bool", "bool", "1", "not of expected type: bool"),
                type("number for a string", "string", "1", "not of expected type: string"),
                type("base64 of another alphabet", "string", "{\"b64\": \"_-8=\"}", "Unable to base64 decode"),
                type("base64 beside something else", "string", "{\"b64\": \"AA==\", \"z\": 1}", "base64"));
    }

    private static List<BadRequest> verbs() {
        return List.of(
                BadRequest.bare("GET where POST belongs", "GET", FLOATS, 400, "Malformed request: GET " + FLOATS),
                BadRequest.bare("PUT", "PUT", FLOATS, 400, "Malformed request: PUT " + FLOATS),
                BadRequest.bare("DELETE", "DELETE", "/v1/models/half_plus_two", 400, "Malformed request: DELETE"),
                BadRequest.bare("unknown path", "GET", "/v1/nonsense", 400, "Malformed request: GET /v1/nonsense"),
                BadRequest.post("unknown verb", "/v1/models/half_plus_two:guess", GOOD, 400, "Malformed request: POST"),
                BadRequest.bare("status of an unknown model", "GET", "/v1/models/nope", 404, "nope"),
                BadRequest.bare("status of an unknown version", "GET", "/v1/models/half_plus_two/versions/9", 404, "9"),
                BadRequest.bare("metadata of an unknown model", "GET", "/v1/models/nope/metadata", 404, "nope"));
    }

    private static List<BadRequest> examples() {
        String classify = "/v1/models/half_plus_two:classify";
        return List.of(
                BadRequest.post("no examples", classify, "{}", 400, "key 'examples' is expected and was not found"),
                BadRequest.post("examples in no list", classify, "{\"examples\": 1}", 400, "to be an list/array"),
                BadRequest.post(
                        "empty examples", classify, "{\"examples\": []}", 400, "'examples' value is an empty array"),
                BadRequest.post(
                        "example that is no object",
                        classify,
                        "{\"examples\": [[1]]}",
                        400,
                        "Example must be JSON object"),
                BadRequest.post(
                        "feature of two kinds",
                        classify,
                        "{\"examples\": [{\"x\": [10, 10.0]}]}",
                        400,
                        "expecting type: int64"),
                BadRequest.post(
                        "signature that does not classify",
                        classify,
                        "{\"examples\": [{\"x\": 1.0}]}",
                        400,
                        "classif"));
    }

    private static List<BadRequest> transport() {
        return List.of(
                floats("deadline that is no number", GOOD, "x-turnout-timeout-ms")
                        .header("x-turnout-timeout-ms", "soon"),
                floats("deadline of nothing", GOOD, "x-turnout-timeout-ms").header("x-turnout-timeout-ms", "0"),
                floats("key without end", GOOD, "x-turnout-key").header("x-turnout-key", "k".repeat(2000)),
                floats("gzip that is none", GOOD, "gzip").header("Content-Encoding", "gzip"),
                BadRequest.post("unknown compression", FLOATS, GOOD, 415, "Content-Encoding must be gzip")
                        .header("Content-Encoding", "br"));
    }

    private static BadRequest floats(String name, String body, String words) {
        return BadRequest.post(name, FLOATS, body, 400, words);
    }

    private static BadRequest pair(String name, String body, String words) {
        return BadRequest.post(name, PAIR, body, 400, words);
    }

    private static BadRequest matrix(String name, String instances, String words) {
        return BadRequest.post(name, MATRIX, "{\"instances\": " + instances + "}", 400, words);
    }

    private static BadRequest type(String name, String signature, String value, String words) {
        String body = "{\"signature_name\": \"" + signature + "\", \"inputs\": [" + value + "]}";
        return BadRequest.post(name, TYPES, body, 400, words);
    }
}
