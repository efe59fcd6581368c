package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.dist.CaseModel.FLOATS;
import static turnout.dist.CaseModel.INTEGERS;
import static turnout.dist.CaseModel.NAMED;
import static turnout.dist.CaseModel.PLAIN;
import static turnout.dist.CaseModel.SLICES;
import static turnout.dist.CaseModel.only;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;

/** The body that answers a predict. */
final class AnswerCases {
    private static final String FOUR = """
            {'int_tensor': [[1, 2]], 'float_tensor': [0.5], 'double_tensor': [0.25], 'str_tensor': [['a', 'b']]}""";

    private AnswerCases() {}

    static Stream<ContractCase> all() {
        return Stream.of(values(), forms(), errors()).flatMap(List::stream);
    }

    private static List<ContractCase> values() {
        return List.of(
                new ContractCase(50, "the nesting is the shape", client -> {
                    String value = "[[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]]";
                    client.answers(INTEGERS, "'instances': " + value, "{'predictions': " + value + "}");
                    client.answers(INTEGERS, "'inputs': " + value, "{'outputs': " + value + "}");
                }),
                new ContractCase(
                        51,
                        "one axis is one list",
                        client -> client.answers(
                                INTEGERS, "'instances': [1, 2, 3, 4, 5]", "{'predictions': [1, 2, 3, 4, 5]}")),
                new ContractCase(
                        52,
                        "strings of an output that is called bytes are base64",
                        client -> client.answers(NAMED, """
                        'inputs': {'int_tensor': 1, 'float_tensor': 1, 'double_tensor': 1,
                                   'str_tensor': [['a', 'b'], ['c', 'd']]}""", """
                        {'outputs': {
                          'double_tensor_out': 1.0, 'float_tensor_out': 1.0, 'int_tensor_out': 1,
                          'str_tensor_bytes': [[{'b64': 'YQ=='}, {'b64': 'Yg=='}], [{'b64': 'Yw=='}, {'b64': 'ZA=='}]],
                          'str_tensor_out': [['a', 'b'], ['c', 'd']]}}""")),
                new ContractCase(53, "floats are spelled as C does", client -> {
                    for (CaseModel model : FLOATS) {
                        String body = client.predicted(
                                model,
                                "'instances': [9000000, 999999, .5, .0003, .00003, 555557.5]".replace(" .", " 0."));
                        assertThat(CaseClient.tokens(body))
                                .containsExactly("9e+06", "999999.0", "0.5", "0.0003", "3e-05", "555557.5");
                    }
                }),
                new ContractCase(
                        54,
                        "what is no finite number has a word",
                        client -> client.answers(
                                FLOATS,
                                "'instances': [NaN, Infinity, 3, -Infinity]",
                                "{'predictions': [NaN, Infinity, 3.0, -Infinity]}")));
    }

    private static List<ContractCase> forms() {
        return List.of(
                // TensorFlow Serving has texts of its own for the first two. Here such a signature is left out when the
                // model is loaded, so that it cannot be reached; the texts are kept for a backend that lets it through.
                new ContractCase(55, "no outputs, outputs of no known type, outputs without rows", client -> {
                    for (String signature : List.of("none", "complex64")) {
                        client.refuses(
                                only("odd_outputs", signature),
                                "'instances': [1]",
                                "Serving signature name: \"" + signature + "\" not found in signature def");
                    }
                    client.answers(only("odd_outputs", null), "'instances': [1]", "{'predictions': [1.0]}");
                    client.refuses(
                            only("nobatch", null),
                            "'instances': [1, 2]",
                            "Tensor name: total has no shape information");
                    client.answers(only("nobatch", null), "'inputs': [1, 2]", "{'outputs': 3.0}");
                }),
                new ContractCase(56, "five outputs are an object for each row, or one", client -> {
                    String row = "'double_tensor_out': [0.25], 'float_tensor_out': [0.5], 'int_tensor_out': [[1, 2]],"
                            + " 'str_tensor_bytes': [[{'b64': 'YQ=='}, {'b64': 'Yg=='}]],"
                            + " 'str_tensor_out': [['a', 'b']]";
                    client.answers(
                            NAMED,
                            "'instances': [" + FOUR + ", " + FOUR + "]",
                            "{'predictions': [{" + row + "}, {" + row + "}]}");
                    client.answers(NAMED, "'inputs': " + FOUR, "{'outputs': {" + row + "}}");
                }),
                new ContractCase(57, "outputs of unequal length are no rows", client -> {
                    client.refuses(
                            SLICES,
                            "'instances': [2, 1]",
                            "Tensor name: last has inconsistent batch size: 1 expecting: 2");
                    client.refuses(
                            SLICES,
                            "'instances': [0, 1]",
                            "Tensor name: last has inconsistent batch size: 1 expecting: 0");
                    client.answers(SLICES, "'inputs': [2, 1]", "{'outputs': {'first': [2, 1], 'last': [2]}}");
                }),
                new ContractCase(
                        58,
                        "no rows are an empty list",
                        client -> client.answers(SLICES, "'instances': [0, 0]", "{'predictions': []}")));
    }

    private static List<ContractCase> errors() {
        return List.of(new ContractCase(67, "an error that quotes stays JSON", client -> {
            for (CaseModel model : PLAIN) {
                HttpResponse<String> answer = client.post(
                        "/v1/models/" + model.name() + ":predict",
                        "{'signature_name': 'a\\'b\\\\c\\n', 'instances': [1]}");
                assertThat(answer.statusCode()).isEqualTo(400);
                assertThat(new JsonObject(answer.body()).getString("error"))
                        .isEqualTo("Serving signature name: \"a\"b\\c\n\" not found in signature def");
            }
        }));
    }
}
