package turnout.dist;

import static turnout.dist.CaseModel.FLOATS;
import static turnout.dist.CaseModel.INTEGERS;
import static turnout.dist.CaseModel.PAIR;
import static turnout.dist.CaseModel.STRINGS;
import static turnout.dist.CaseModel.ofType;

import java.util.List;
import java.util.stream.Stream;

/** The body of a predict: which values each type takes, and which inputs there have to be. */
final class TypeCases {
    private TypeCases() {}

    static Stream<ContractCase> all() {
        return Stream.of(numbers(), inputs(), base64()).flatMap(List::stream);
    }

    private static List<ContractCase> numbers() {
        return List.of(
                new ContractCase(
                        33, "a column of nothing", client -> client.answers(FLOATS, "'inputs': []", "{'outputs': []}")),
                new ContractCase(
                        34,
                        "a row of nothing",
                        client -> client.answers(FLOATS, "'instances': [[]]", "{'predictions': [[]]}")),
                new ContractCase(35, "what is no int32", client -> {
                    for (String value : List.of("1.0", "1e3", "2147483648", "true", "null")) {
                        client.refuses(INTEGERS, "'instances': [" + value + "]", "is not of expected type: int32");
                    }
                }),
                // TensorFlow Serving takes 300 and serves 44.
                new ContractCase(36, "small integers are checked against their range", client -> {
                    client.refuses(ofType("uint8"), "'instances': [300]", "is not of expected type: uint8");
                    client.refuses(ofType("int8"), "'instances': [-129]", "is not of expected type: int8");
                    client.refuses(ofType("int16"), "'instances': [32768]", "is not of expected type: int16");
                    client.answers(ofType("uint8"), "'instances': [255]", "{'predictions': [255]}");
                }),
                new ContractCase(37, "unsigned integers reach from zero to their end", client -> {
                    client.refuses(ofType("uint32"), "'instances': [-1]", "is not of expected type: uint32");
                    client.answers(ofType("uint32"), "'instances': [4294967295]", "{'predictions': [4294967295]}");
                    client.answers(
                            ofType("uint64"),
                            "'instances': [18446744073709551615]",
                            "{'predictions': [18446744073709551615]}");
                }),
                new ContractCase(38, "what is no float", client -> {
                    for (String value : List.of("true", "'1.5'", "null")) {
                        client.refuses(FLOATS, "'instances': [" + value + "]", "is not of expected type: float");
                    }
                }),
                new ContractCase(39, "of the words for numbers only some are read", client -> {
                    for (String word : List.of("nan", "Nan", "+Infinity")) {
                        client.refuses(FLOATS, "'instances': [" + word + "]", "JSON Parse error: Invalid value.");
                    }
                    client.answers(FLOATS, "'instances': [Inf, -Inf]", "{'predictions': [Infinity, -Infinity]}");
                }),
                new ContractCase(
                        40,
                        "a number beyond double",
                        client -> client.refuses(
                                ofType("float64"),
                                "'instances': [1e400]",
                                "JSON Parse error: Number too big to be stored in double.")),
                // TensorFlow Serving refuses all three: with 501 in a column, with 400 in a row.
                new ContractCase(41, "16-bit types are taken", client -> {
                    for (String type : List.of("float16", "bfloat16")) {
                        client.answers(ofType(type), "'instances': [1, 0.5]", "{'predictions': [1.0, 0.5]}");
                        client.answers(ofType(type), "'inputs': [1, 0.5]", "{'outputs': [1.0, 0.5]}");
                    }
                    client.answers(ofType("uint16"), "'instances': [65535]", "{'predictions': [65535]}");
                }));
    }

    private static List<ContractCase> inputs() {
        return List.of(
                new ContractCase(
                        42,
                        "a row that lacks an input",
                        client -> client.refuses(PAIR, "'instances': [{'a': [1, 2]}]", "keys must be equal to: a,b")),
                new ContractCase(
                        43,
                        "a row with a third input",
                        client -> client.refuses(
                                PAIR,
                                "'instances': [{'a': [1, 2], 'b': 1, 'z': 1}]",
                                "Failed to process element: 0 key: z of 'instances' list. Error: INVALID_ARGUMENT: JSON"
                                        + " object: does not have named input: z")),
                new ContractCase(
                        44,
                        "a plain list for two inputs",
                        client -> client.refuses(
                                PAIR,
                                "'instances': [[1, 2]]",
                                "instances is a plain list, but expecting list of objects")),
                new ContractCase(
                        45,
                        "a column that the signature does not have",
                        client -> client.answers(
                                PAIR,
                                "'inputs': {'a': [[1, 2]], 'b': [3], 'z': {'deeper': [1, [2]]}}",
                                "{'outputs': {'double': [6], 'sum': [3.0]}}")),
                new ContractCase(
                        46,
                        "columns that lack an input",
                        client -> client.refuses(
                                PAIR, "'inputs': {'a': [[1, 2]]}", "Missing named input: b in 'inputs' object.")));
    }

    private static List<ContractCase> base64() {
        return List.of(
                new ContractCase(
                        47,
                        "base64 of another alphabet",
                        client -> client.refuses(STRINGS, "'instances': [{'b64': '_-8='}]", "Unable to base64 decode")),
                new ContractCase(48, "objects that are no base64", client -> {
                    for (String object : List.of("{'b64': 1}", "{'b64': 'AA==', 'z': 1}")) {
                        client.refuses(
                                STRINGS, "'instances': [[" + object + "]]", "not formatted correctly for base64 data");
                    }
                }),
                new ContractCase(
                        49,
                        "base64 for an integer",
                        client -> client.refuses(
                                INTEGERS, "'instances': [{'b64': 'AA=='}]", "is not of expected type: int32")));
    }
}
