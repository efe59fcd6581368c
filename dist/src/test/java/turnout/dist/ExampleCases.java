package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.dist.CaseClient.isRefused;
import static turnout.dist.CaseClient.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import turnout.protocol.tensorflow.BytesList;
import turnout.protocol.tensorflow.Example;
import turnout.protocol.tensorflow.Feature;
import turnout.protocol.tensorflow.Features;
import turnout.protocol.tensorflow.FloatList;
import turnout.protocol.tensorflow.Int64List;

/** Classify and regress over REST. Only SavedModels have such signatures: the model {@code examples} answers for all. */
final class ExampleCases {
    private ExampleCases() {}

    static Stream<ContractCase> all() {
        return Stream.of(given(), refused(), results()).flatMap(List::stream);
    }

    private static List<ContractCase> given() {
        return List.of(
                new ContractCase(59, "values, lists and missing features become examples", client -> assertThat(
                                examples(
                                        client,
                                        "'examples': [{'f': [1.5, 2.5], 's': ['a', 'b'], 'i': [1, 2]}, {'f': 3.5, 's': 'c'},"
                                                + " {'i': -4}, {'e': []}, {}]"))
                        .containsExactly(
                                example(Map.of("f", floats(1.5f, 2.5f), "s", strings("a", "b"), "i", integers(1, 2))),
                                example(Map.of("f", floats(3.5f), "s", strings("c"))),
                                example(Map.of("i", integers(-4))),
                                example(Map.of("e", Feature.getDefaultInstance())),
                                example(Map.of()))),
                new ContractCase(60, "context, base64, booleans and words for numbers", client -> assertThat(examples(
                                client,
                                "'context': {'n': [NaN, -Infinity], 'b': 'shared'},"
                                        + " 'examples': [{'i': [1, true, false]}, {'b': {'b64': '/+8='}}]"))
                        .containsExactly(
                                example(Map.of(
                                        "n", floats(Float.NaN, Float.NEGATIVE_INFINITY),
                                        "b", strings("shared"),
                                        "i", integers(1, 1, 0))),
                                example(Map.of(
                                        "n", floats(Float.NaN, Float.NEGATIVE_INFINITY),
                                        "b", bytes(ByteString.copyFrom(new byte[] {-1, -17})))))));
    }

    private static List<ContractCase> refused() {
        return List.of(
                new ContractCase(61, "a context or examples of another form", client -> {
                    client.refusesExamples("'context': [1], 'examples': [{}]", "Example must be JSON object");
                    client.refusesExamples("'examples': {}", "Expecting 'examples' value to be an list/array");
                    client.refusesExamples("'examples': [[10]]", "Example must be JSON object");
                }),
                new ContractCase(62, "what is no value of a feature", client -> {
                    client.refusesExamples("'examples': [{'x': [10, null]}]", "unexpected JSON type: Null");
                    client.refusesExamples("'examples': [{'x': [10, {'test': 10}]}]", "unexpected JSON type: Object");
                    client.refusesExamples("'examples': [{'x': [[10], 20]}]", "unexpected JSON type: Array");
                }),
                new ContractCase(
                        63,
                        "a feature of two kinds",
                        client -> client.refusesExamples("'examples': [{'x': [10, 10.0]}]", "expecting type: int64")),
                new ContractCase(
                        64,
                        "an integer beyond int64",
                        client -> client.refusesExamples(
                                "'examples': [{'x': [20, 18446744073709551603]}]",
                                "Only int64_t is supported for integer values")));
    }

    private static List<ContractCase> results() {
        String rows = "'examples': [{'x': 80.0}, {}, {'x': NaN}, {'x': Infinity}, {'x': -Infinity}]";
        return List.of(
                new ContractCase(65, "results of classify and regress", client -> {
                    for (String signature : List.of("regress_x_to_y", "regress_x_to_y_flat")) {
                        assertThat(client.examined("regress", signature, rows))
                                .isEqualToIgnoringWhitespace(
                                        json("{'results': [42.0, 2.0, NaN, Infinity, -Infinity]}"));
                    }
                    assertThat(client.examined("classify", "classify_x_to_y", "'examples': [{'x': 20.0}, {'x': NaN}]"))
                            .isEqualToIgnoringWhitespace(json("{'results': [[['', 12.0]], [['', NaN]]]}"));
                    assertThat(client.examined(
                                    "classify", "classify_x_to_words", "'examples': [{'x': 20.0}, {'x': -1.5}]"))
                            .isEqualToIgnoringWhitespace(json(
                                    "{'results': [[['high', 20.0], ['any', 0.0]], [['low', -1.5], ['any', 0.0]]]}"));
                }),
                new ContractCase(66, "results without rows", client -> {
                    String row = "'examples': [{'x': 80.0}]";
                    isRefused(
                            client.examine("classify", "classify_nothing", row),
                            400,
                            "Cannot convert empty ClassificationResults to JSON");
                    isRefused(
                            client.examine("regress", "regress_nothing", row),
                            400,
                            "Cannot convert empty RegressionResults to JSON");
                }));
    }

    /** The examples that the model was given, which it answers as its classes. */
    private static List<Example> examples(CaseClient client, String members) throws InvalidProtocolBufferException {
        String body = client.examined("classify", "classify_to_the_row", members);
        List<Example> examples = new ArrayList<>();
        for (Object row : new JsonObject(body).getJsonArray("results")) {
            Object label = ((JsonArray) row).getJsonArray(0).getValue(0);
            // A label that is no UTF-8 comes in base64.
            byte[] serialised = label instanceof JsonObject object
                    ? Base64.getDecoder().decode(object.getString("b64"))
                    : String.valueOf(label).getBytes(StandardCharsets.UTF_8);
            examples.add(Example.parseFrom(serialised));
        }
        return examples;
    }

    private static Example example(Map<String, Feature> features) {
        return Example.newBuilder()
                .setFeatures(Features.newBuilder().putAllFeature(new LinkedHashMap<>(features)))
                .build();
    }

    private static Feature floats(float... values) {
        FloatList.Builder list = FloatList.newBuilder();
        for (float value : values) {
            list.addValue(value);
        }
        return Feature.newBuilder().setFloatList(list).build();
    }

    private static Feature integers(long... values) {
        Int64List.Builder list = Int64List.newBuilder();
        for (long value : values) {
            list.addValue(value);
        }
        return Feature.newBuilder().setInt64List(list).build();
    }

    private static Feature strings(String... values) {
        BytesList.Builder list = BytesList.newBuilder();
        for (String value : values) {
            list.addValue(ByteString.copyFromUtf8(value));
        }
        return Feature.newBuilder().setBytesList(list).build();
    }

    private static Feature bytes(ByteString value) {
        return Feature.newBuilder()
                .setBytesList(BytesList.newBuilder().addValue(value))
                .build();
    }
}
