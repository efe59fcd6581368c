package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.dist.CaseModel.FLOATS;
import static turnout.dist.CaseModel.INTEGERS;
import static turnout.dist.CaseModel.NAMED;
import static turnout.dist.CaseModel.PAIR;
import static turnout.dist.CaseModel.PLAIN;
import static turnout.dist.CaseModel.STRINGS;
import static turnout.dist.CaseModel.THREE;

import java.util.List;
import java.util.stream.Stream;

/** The body of a predict: how inputs are laid out, and what is no body at all. */
final class RequestCases {
    private static final String HELLO = "{'b64': 'aGVsbG8='}";
    private static final String WORLD = "{'b64': 'd29ybGQ='}";
    private static final int DEEP = 500_000;

    private RequestCases() {}

    static Stream<ContractCase> all() {
        return Stream.of(rows(), numbers(), namesAndStrings(), documents(), rowsThatDiffer())
                .flatMap(List::stream);
    }

    private static List<ContractCase> rows() {
        return List.of(
                new ContractCase(
                        1,
                        "rows are stacked",
                        client -> client.answers(
                                INTEGERS,
                                "'instances': [[1, 2], [3, 4], [5, 6]]",
                                "{'predictions': [[1,2], [3,4], [5,6]]}")),
                new ContractCase(2, "what follows the closing brace is not looked at", client -> {
                    for (String after : List.of("}", " x", "\n{'instances': 5}")) {
                        client.answers(PLAIN, "'instances': [1.0]}" + after + "{'z': 0", "{'predictions': [2.5]}");
                    }
                }),
                new ContractCase(
                        3,
                        "an unknown key may hold lists 500,000 deep",
                        client -> client.answers(
                                INTEGERS,
                                "'instances': [1], 'ignored': " + "[".repeat(DEEP) + "]".repeat(DEEP),
                                "{'predictions': [1]}")),
                new ContractCase(
                        4,
                        "a signature name of lists 500,000 deep is no string",
                        client -> client.refusesBody(
                                "{'instances': [1], 'signature_name': " + "[".repeat(DEEP) + "]".repeat(DEEP) + "}",
                                "'signature_name' key must be a string value")));
    }

    private static List<ContractCase> numbers() {
        String mixed = "'instances': [1, 2.0, 3, 4, 5.003, 0.007, 0.0]";
        String same = "{'predictions': [1.0, 2.0, 3.0, 4.0, 5.003, 0.007, 0.0]}";
        return List.of(
                new ContractCase(
                        5,
                        "integers and decimals may be mixed in float",
                        client -> client.answers(FLOATS, mixed, same)),
                new ContractCase(
                        6,
                        "integers and decimals may be mixed in double",
                        client -> client.answers(CaseModel.ofType("float64"), mixed, same)),
                new ContractCase(7, "integers and decimals are rounded to the same float", client -> {
                    for (CaseModel model : FLOATS) {
                        String body = client.predicted(model, "'instances': [1435774380, 1435774380.0]");
                        assertThat(CaseClient.tokens(body))
                                .extracting(token -> (long) Float.parseFloat(token))
                                .containsExactly(1435774336L, 1435774336L);
                    }
                }),
                new ContractCase(
                        8,
                        "what is too large for float is infinite",
                        client -> client.answers(
                                FLOATS,
                                "'instances': [1.797e308, -1.797e308]",
                                "{'predictions': [Infinity, -Infinity]}")),
                new ContractCase(
                        9,
                        "what is too small for float is zero with its sign",
                        client -> client.answers(
                                FLOATS, "'instances': [2.2e-308, -2.2e-308]", "{'predictions': [0.0, -0.0]}")));
    }

    private static List<ContractCase> namesAndStrings() {
        return List.of(
                new ContractCase(10, "the signature's name is passed on", client -> {
                    client.answers(
                            CaseModel.only("echo", "predict_images"),
                            "'instances': [[1, 2]]",
                            "{'predictions': [[1.0, 2.0]]}");
                    // The twin has no such signature, and says so.
                    client.refuses(
                            List.of(new CaseModel("echo_float32_onnx", "predict_images")),
                            "'instances': [[1, 2]]",
                            "Serving signature name: \"predict_images\" not found in signature def");
                }),
                new ContractCase(
                        11,
                        "base64 values are strings",
                        client -> client.answers(
                                STRINGS,
                                "'instances': [" + HELLO + ", " + WORLD + "]",
                                "{'predictions': ['hello', 'world']}")),
                new ContractCase(
                        12,
                        "base64 values may stand in lists",
                        client -> client.answers(
                                STRINGS,
                                "'instances': [[" + HELLO + "], [" + WORLD + "]]",
                                "{'predictions': [['hello'], ['world']]}")),
                new ContractCase(
                        13,
                        "base64 values may stand in a named row",
                        client -> client.answers(
                                STRINGS,
                                "'instances': [{'default': [[" + HELLO + "], [" + WORLD + "]]}]",
                                "{'predictions': [[['hello'], ['world']]]}")),
                new ContractCase(
                        14,
                        "four named inputs, NaN and Infinity among them",
                        client -> client.answers(NAMED, """
                        'instances': [
                          {'int_tensor': [[1, 2], [3, 4], [5, 6]], 'str_tensor': ['a', 'b'],
                           'float_tensor': [NaN, 2], 'double_tensor': [Infinity]},
                          {'int_tensor': [[7, 8], [9, 0], [1, 2]], 'str_tensor': ['c', 'd'],
                           'float_tensor': [-Infinity, 4.5], 'double_tensor': [NaN]}]""", """
                        {'predictions': [
                          {'double_tensor_out': [Infinity], 'float_tensor_out': [NaN, 2.0],
                           'int_tensor_out': [[1, 2], [3, 4], [5, 6]],
                           'str_tensor_bytes': [{'b64': 'YQ=='}, {'b64': 'Yg=='}], 'str_tensor_out': ['a', 'b']},
                          {'double_tensor_out': [NaN], 'float_tensor_out': [-Infinity, 4.5],
                           'int_tensor_out': [[7, 8], [9, 0], [1, 2]],
                           'str_tensor_bytes': [{'b64': 'Yw=='}, {'b64': 'ZA=='}], 'str_tensor_out': ['c', 'd']}]}""")),
                new ContractCase(15, "a column may be named or bare", client -> {
                    for (String inputs : List.of("{'int_tensor': [[[1,2],[3,4],[5,6]]]}", "[[[1,2],[3,4],[5,6]]]")) {
                        client.answers(INTEGERS, "'inputs': " + inputs, "{'outputs': [[[1, 2], [3, 4], [5, 6]]]}");
                    }
                }),
                new ContractCase(
                        16,
                        "a bare base64 value is a scalar",
                        client -> client.answers(
                                THREE,
                                "'inputs': {'int_tensor': [[[1, 2]]], 'str_tensor': " + HELLO
                                        + ", 'float_tensor': [1.5]}",
                                "{'outputs': {'float_tensor_out': [1.5], 'int_tensor_out': [[[1, 2]]],"
                                        + " 'str_tensor_out': 'hello'}}")));
    }

    private static List<ContractCase> documents() {
        return List.of(
                new ContractCase(
                        17,
                        "an empty body",
                        client -> client.refusesBody("", "JSON Parse error: The document is empty")),
                new ContractCase(
                        18,
                        "a signature name that is a number",
                        client -> client.refusesBody(
                                "{'signature_name': 5, 'instances': [1]}",
                                "'signature_name' key must be a string value")),
                new ContractCase(
                        19,
                        "rows and columns at once",
                        client -> client.refusesBody(
                                "{'inputs': [1], 'instances': [1]}",
                                "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist")),
                new ContractCase(
                        27,
                        "a body that is no JSON",
                        client -> client.refusesBody(
                                "instances = [1, 2]", "JSON Parse error: Invalid value. at offset: 0")),
                new ContractCase(
                        30,
                        "neither rows nor columns",
                        client -> client.refusesBody("{}", "Missing 'inputs' or 'instances' key")),
                new ContractCase(
                        31, "a list at the top", client -> client.refusesBody("[]", "JSON Value: [] Is not object")),
                new ContractCase(32, "rows that are no list, and a list of none", client -> {
                    client.refusesBody("{'instances': {}}", "Expecting 'instances' to be an list/array");
                    client.refusesBody("{'instances': []}", "No values in 'instances' array");
                }));
    }

    private static List<ContractCase> rowsThatDiffer() {
        return List.of(
                new ContractCase(
                        20,
                        "a row with one more value",
                        client -> client.refuses(
                                INTEGERS,
                                "'instances': [[1,2], [3,4], [5,6,7]]",
                                "Expecting tensor size: 2 but got: 3")),
                new ContractCase(
                        21,
                        "a row with one more list around it",
                        client -> client.refuses(
                                INTEGERS,
                                "'instances': [[1,2], [3,4], [[5,6]]]",
                                "Expecting shape [2] but got: [1,2]")),
                new ContractCase(
                        22,
                        "a list after a number",
                        client -> client.refuses(INTEGERS, "'instances': [1, [1]]", "Expecting shape [] but got: [1]")),
                new ContractCase(
                        23,
                        "strings after numbers",
                        client -> client.refuses(
                                INTEGERS, "'instances': [[1,2], ['a','b']]", "not of expected type: int32")),
                new ContractCase(24, "named rows of another shape and size", client -> {
                    client.refuses(
                            PAIR,
                            "'instances': [{'a': [1, 2], 'b': 1}, {'a': [[3, 4]], 'b': 2}]",
                            "Expecting shape [2] but got: [1,2]");
                    client.refuses(
                            PAIR,
                            "'instances': [{'a': [1, 2], 'b': 1}, {'a': [3], 'b': 2}]",
                            "Expecting tensor size: 2 but got: 1");
                }),
                new ContractCase(
                        25,
                        "a list after objects",
                        client -> client.refuses(
                                PAIR,
                                "'instances': [{'a': [1, 2], 'b': 1}, [3, 4]]",
                                "Expecting object but got list at item 1 of input list")),
                new ContractCase(
                        26,
                        "an object after lists",
                        client -> client.refuses(
                                INTEGERS,
                                "'instances': [[1, 2], {'int_tensor': [3, 4]}]",
                                "Expecting value/list but got object at item 1 of input list")),
                new ContractCase(
                        28,
                        "strings for floats",
                        client -> client.refuses(
                                FLOATS,
                                "'instances': ['x', 'y']",
                                "JSON Value: \"x\" Type: String is not of expected type: float")));
    }
}
