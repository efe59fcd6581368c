package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.StringElements;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/** The numbered cases of the contract's list that are about predict requests. */
class PredictBodyTest {
    private static final Signature TWO = Signature.of(
            "two",
            List.of(TensorSpec.of("a", DataType.INT32, -1, 2), TensorSpec.of("b", DataType.INT32, -1)),
            List.of());

    private static Signature one(DataType type) {
        return Signature.of("one", List.of(TensorSpec.of("x", type, -1)), List.of());
    }

    private static PredictBody parse(String json) {
        return PredictBody.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, Tensor> bind(Signature signature, String json) {
        return parse(json).inputs().bind(signature);
    }

    private static Tensor x(DataType type, String json) {
        Tensor tensor = input(bind(one(type), json), "x");
        assertThat(tensor.type()).isEqualTo(type);
        return tensor;
    }

    private static Tensor input(Map<String, Tensor> inputs, String name) {
        return Objects.requireNonNull(inputs.get(name));
    }

    private static int[] ints(Tensor tensor) {
        int[] values = new int[(int) tensor.elements()];
        tensor.data().asIntBuffer().get(values);
        return values;
    }

    private static float[] floats(Tensor tensor) {
        float[] values = new float[(int) tensor.elements()];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }

    private static double[] doubles(Tensor tensor) {
        double[] values = new double[(int) tensor.elements()];
        tensor.data().asDoubleBuffer().get(values);
        return values;
    }

    private static long[] longs(Tensor tensor) {
        long[] values = new long[(int) tensor.elements()];
        tensor.data().asLongBuffer().get(values);
        return values;
    }

    private static List<String> strings(Tensor tensor) {
        List<String> values = new ArrayList<>();
        for (byte[] element : StringElements.read(tensor.data())) {
            values.add(new String(element, StandardCharsets.UTF_8));
        }
        return values;
    }

    private static void refused(Signature signature, String json, String text) {
        assertThatThrownBy(() -> bind(signature, json))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(text);
    }

    @Test
    void case1_rowsAreStacked() {
        Tensor tensor = x(DataType.INT32, "{\"instances\":[[1,2],[3,4],[5,6]]}");
        assertThat(tensor.shape()).containsExactly(3, 2);
        assertThat(ints(tensor)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(parse("{\"instances\":[1]}").form()).isEqualTo(PredictBody.Form.ROWS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"instances\":[7]} tail }}}",
                "{\"instances\":[7]}]",
                "\uFEFF{\"instances\":[7]}",
                " \r\n\t{ \"instances\" :\n[ 7 ] }  ",
                "{\"instances\":[7],\"instances\":[9]}",
                "{\"note\":{\"a\":[1,{\"b\":null}]},\"instances\":[7],\"more\":\"x\"}",
                "{\"instances\":[{\"x\":7,\"x\":9}]}",
                "{\"\\u0069nstances\":[7]}",
                "{\"inputs\":[7]}",
                "{\"inputs\":{\"x\":[7],\"x\":[9]}}",
                "{\"inputs\":{\"zzz\":[\"ignored\",[null,{}]],\"x\":[7]}}"
            })
    void case2_whatTheParserTolerates(String json) {
        assertThat(ints(x(DataType.INT32, json))).containsExactly(7);
    }

    @Test
    void case3_deepNestingUnderAnUnknownKeyIsPassed() {
        String deep = "[".repeat(500_000) + "]".repeat(500_000);
        assertThat(ints(x(DataType.INT32, "{\"unknown\":" + deep + ",\"instances\":[1]}")))
                .containsExactly(1);
    }

    @Test
    void case4_deepNestingAsASignatureNameIsNoString() {
        String deep = "[".repeat(500_000) + "]".repeat(500_000);
        assertThatThrownBy(() -> parse("{\"signature_name\":" + deep + ",\"instances\":[1]}"))
                .hasMessageContaining("key must be a string value");
    }

    @Test
    void s10_deepNestingOfTheValuesIsRefused() {
        String deep = "[".repeat(200_000) + "1" + "]".repeat(200_000);
        refused(one(DataType.FP32), "{\"instances\":" + deep + "}", "levels are not supported");
        refused(one(DataType.FP32), "{\"inputs\":" + deep + "}", "levels are not supported");
        // The list of rows is a level, too.
        String deepest = "[".repeat(31) + "1" + "]".repeat(31);
        assertThat(x(DataType.FP32, "{\"instances\":[" + deepest + "]}").shape())
                .hasSize(32);
        refused(one(DataType.FP32), "{\"instances\":[[" + deepest + "]]}", "more than 31 levels are not supported");
    }

    @Test
    void cases5And6_decimalsAndIntegersMayBeMixed() {
        String json = "{\"instances\":[1,2.0,3,4,5.003,0.007,0.0]}";
        assertThat(floats(x(DataType.FP32, json))).containsExactly(1, 2, 3, 4, 5.003f, 0.007f, 0);
        assertThat(doubles(x(DataType.FP64, json))).containsExactly(1, 2, 3, 4, 5.003, 0.007, 0);
    }

    @Test
    void cases7To9_decimalsAreRoundedToTheNearestFloat() {
        assertThat(floats(x(DataType.FP32, "{\"instances\":[1435774380,1435774380.0]}")))
                .containsExactly(Float.parseFloat("1435774336"), Float.parseFloat("1435774336"));
        assertThat(floats(x(DataType.FP32, "{\"inputs\":[1.797e308,-1.797e308,2.2e-308,-2.2e-308]}")))
                .containsExactly(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f);
        // Half way between two floats but for the last digit: by way of double this would be rounded down.
        assertThat(floats(x(DataType.FP32, "{\"inputs\":[1.00000005960464477540]}")))
                .containsExactly(Math.nextUp(1f));
    }

    @Test
    void case10_theSignatureNameIsPassedOn() {
        assertThat(parse("{\"signature_name\":\"predict_images\",\"instances\":[[1,2]]}")
                        .signature())
                .isEqualTo("predict_images");
        assertThat(parse("{\"instances\":[[1,2]],\"signature_name\":\"late\"}").signature())
                .isEqualTo("late");
        assertThat(parse("{\"instances\":[[1,2]]}").signature()).isNull();
    }

    @Test
    void cases11To13_base64AtAnyDepth() {
        Tensor flat = x(DataType.BYTES, "{\"instances\":[{\"b64\":\"aGVsbG8=\"},{\"b64\":\"d29ybGQ=\"}]}");
        assertThat(strings(flat)).containsExactly("hello", "world");
        assertThat(flat.shape()).containsExactly(2);
        Tensor nested = x(DataType.BYTES, "{\"instances\":[[{\"b64\":\"YQ==\"}],[{\"b64\":\"Yg==\"}]]}");
        assertThat(nested.shape()).containsExactly(2, 1);
        Tensor named = x(DataType.BYTES, "{\"instances\":[{\"x\":[[{\"b64\":\"YQ==\"}],[\"b\"]]}]}");
        assertThat(named.shape()).containsExactly(1, 2, 1);
        assertThat(strings(named)).containsExactly("a", "b");
    }

    @Test
    void case14_namedInputsOfAllKinds() {
        Signature signature = Signature.of(
                "four",
                List.of(
                        TensorSpec.of("bool", DataType.BOOL),
                        TensorSpec.of("float", DataType.FP32),
                        TensorSpec.of("double", DataType.FP64),
                        TensorSpec.of("string", DataType.BYTES)),
                List.of());
        Map<String, Tensor> inputs = bind(signature, """
                {"instances": [
                  {"bool": [[true,false],[true,true]], "float": [NaN, Infinity], "double": [1.0, -Infinity], "string": ["a"]},
                  {"string": ["b"], "double": [2, 3], "float": [1, 2], "bool": [[false,false],[false,true]]}
                ]}""");
        assertThat(input(inputs, "bool").shape()).containsExactly(2, 2, 2);
        assertThat(input(inputs, "bool").data()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 0, 1, 1, 0, 0, 0, 1}));
        assertThat(floats(input(inputs, "float"))).containsExactly(Float.NaN, Float.POSITIVE_INFINITY, 1, 2);
        assertThat(doubles(input(inputs, "double"))).containsExactly(1, Double.NEGATIVE_INFINITY, 2, 3);
        assertThat(strings(input(inputs, "string"))).containsExactly("a", "b");
    }

    @Test
    void case15_columnsAreTheTensorsThemselves() {
        for (String json :
                List.of("{\"inputs\":{\"x\":[[[1,2],[3,4],[5,6]]]}}", "{\"inputs\":[[[1,2],[3,4],[5,6]]]}")) {
            Tensor tensor = x(DataType.INT32, json);
            assertThat(tensor.shape()).containsExactly(1, 3, 2);
            assertThat(ints(tensor)).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(parse(json).form()).isEqualTo(PredictBody.Form.COLUMNS);
        }
    }

    @Test
    void case16_aBareValueIsAScalar() {
        for (String json : List.of(
                "{\"inputs\":{\"x\":{\"b64\":\"YmFyZQ==\"}}}",
                "{\"inputs\":{\"b64\":\"YmFyZQ==\"}}",
                "{\"inputs\":\"bare\"}")) {
            Tensor tensor = x(DataType.BYTES, json);
            assertThat(tensor.shape()).isEmpty();
            assertThat(strings(tensor)).containsExactly("bare");
        }
        assertThat(x(DataType.FP32, "{\"inputs\":2.5}").shape()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|JSON Parse error: The document is empty",
                "`   `|JSON Parse error: The document is empty",
                "instances = [1, 2]|JSON Parse error: Invalid value. at offset: 0",
                "{\"instances\":[1.0|JSON Parse error: Missing a comma or ]",
                "{\"instances\":[1]|JSON Parse error: Missing a comma or }",
                "[]|JSON Value: [] Is not object",
                "5|JSON Value: 5 Is not object",
                "null|JSON Value: null Is not object",
                "{}|Missing 'inputs' or 'instances' key",
                "{\"Instances\":[1]}|Missing 'inputs' or 'instances' key",
                "{\"instances\":[1],\"inputs\":[1]}|Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ",
                "{\"instances\":{}}|JSON Value: {} Expecting 'instances' to be an list/array",
                "{\"instances\":[ ]}|No values in 'instances' array",
                "{\"signature_name\":5,\"instances\":[1]}|not formatted correctly. 'signature_name' key must be a string value.",
                "{\"signature_name\":null,\"instances\":[1]}|key must be a string value.",
            })
    void cases17To19And27And30To32_bodiesOfAnotherForm(String json, String text) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"instances\":[[1,2],[3,4],[5,6,7]]|Expecting tensor size: 2 but got: 3",
                "\"instances\":[[1,2],[3,4],[[5,6]]]|Expecting shape [2] but got: [1,2]",
                "\"instances\":[1,[1]]|Expecting shape [] but got: [1]",
                "\"instances\":[[1,2],[\"a\",\"b\"]]|JSON Value: \"a\" Type: String is not of expected type: int32",
                "\"instances\":[[1,2],[\"a\",\"b\"]]|Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: ",
                "\"instances\":[1,{\"x\":1}]|Expecting value/list but got object at item 1 of input list",
                "\"instances\":[{\"x\":1},[1]]|Expecting object but got list at item 1 of input list",
                "\"instances\":[{\"z\":1}]|Failed to process element: 0 key: z of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have named input: z",
                "\"instances\":[{\"x\":1},{}]|Failed to process element: 1 of 'instances' list. JSON object: {} keys must be equal to: x",
                "\"instances\":[[[1,2],[3]]]|Encountered list at unexpected size: 1 at level: 1 expected size: 2",
                "\"inputs\":[[1,2],[3]]|Encountered list at unexpected size: 1 at level: 1 expected size: 2",
                "\"inputs\":[[1,2],[[3],4]]|Encountered list at unexpected level: 2 expected < 2",
                "\"inputs\":[[1,2],3]|JSON Value: 3 found at incorrect level: 2 in the JSON DOM. Expected at level: 2",
                "\"inputs\":{\"z\":[1]}|Missing named input: x in 'inputs' object.",
                "\"inputs\":[[],[1]]|Encountered list at unexpected size: 1 at level: 1 expected size: 0",
            })
    void cases20To26_rowsThatDiffer(String members, String text) {
        refused(one(DataType.INT32), "{" + members + "}", text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"instances\":[{\"a\":[1,2],\"b\":1},{\"a\":[[1,2]],\"b\":1}]|Expecting shape [2] but got: [1,2]",
                "\"instances\":[{\"a\":[1,2],\"b\":1},{\"a\":[1],\"b\":1}]|Expecting tensor size: 2 but got: 1",
                "\"instances\":[{\"a\":[1,2],\"b\":1},[1,2]]|Expecting object but got list at item 1",
                "\"instances\":[{\"a\":[1,2],\"b\":1},{\"a\":[1,2]}]|keys must be equal to: a,b",
                "\"instances\":[{\"a\":[1,2]},{\"a\":[1,2],\"b\":1}]|Failed to process element: 0 of",
                "\"instances\":[{\"a\":[1,2],\"b\":1,\"c\":1}]|does not have named input: c",
                "\"instances\":[[1,2],[3,4]]|instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map",
                "\"inputs\":[[1,2]]|inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map",
                "\"inputs\":{\"a\":[[1,2]]}|Missing named input: b in 'inputs' object.",
            })
    void cases24And25And42To46_severalInputs(String members, String text) {
        refused(TWO, "{" + members + "}", text);
    }

    @Test
    void cases33And34_emptyLists() {
        assertThat(x(DataType.FP32, "{\"inputs\":[]}").shape()).containsExactly(0);
        assertThat(x(DataType.FP32, "{\"instances\":[[]]}").shape()).containsExactly(1, 0);
        assertThat(x(DataType.FP32, "{\"inputs\":[[],[]]}").shape()).containsExactly(2, 0);
    }

    @Test
    void integersReachTheEndsOfTheirRange() {
        assertThat(ints(x(DataType.INT32, "{\"inputs\":[2147483647,-2147483648,-0]}")))
                .containsExactly(Integer.MAX_VALUE, Integer.MIN_VALUE, 0);
        assertThat(longs(x(DataType.INT64, "{\"inputs\":[9223372036854775807,-9223372036854775808]}")))
                .containsExactly(Long.MAX_VALUE, Long.MIN_VALUE);
        assertThat(longs(x(DataType.UINT64, "{\"inputs\":[18446744073709551615,0,-0]}")))
                .containsExactly(-1, 0, 0);
        assertThat(ints(x(DataType.UINT32, "{\"inputs\":[4294967295]}"))).containsExactly(-1);
        assertThat(x(DataType.UINT8, "{\"inputs\":[0,255]}").data()).isEqualTo(ByteBuffer.wrap(new byte[] {0, -1}));
        assertThat(x(DataType.INT8, "{\"inputs\":[-128,127]}").data())
                .isEqualTo(ByteBuffer.wrap(new byte[] {-128, 127}));
        assertThat(x(DataType.INT16, "{\"inputs\":[-32768]}").data()).isEqualTo(ByteBuffer.wrap(new byte[] {0, -128}));
        assertThat(x(DataType.UINT16, "{\"inputs\":[65535,1]}").data())
                .isEqualTo(ByteBuffer.wrap(new byte[] {-1, -1, 1, 0}));
    }

    @ParameterizedTest
    @CsvSource({
        "INT8,128",
        "INT8,-129",
        "UINT8,256",
        "UINT8,-1",
        "UINT8,300",
        "INT16,32768",
        "UINT16,65536",
        "UINT16,-1",
        "INT32,2147483648",
        "INT32,-2147483649",
        "INT64,9223372036854775808",
        "INT64,-9223372036854775809",
        "UINT32,-1",
        "UINT32,4294967296",
        "UINT64,-1",
        "UINT64,18446744073709551616",
        "UINT64,99999999999999999999999",
        "INT64,99999999999999999999999"
    })
    void cases35To37_integersOutOfRangeAreRefused(DataType type, String value) {
        for (String form : List.of("inputs", "instances")) {
            refused(
                    one(type),
                    "{\"" + form + "\":[" + value + "]}",
                    "JSON Value: " + value + " Type: Number is not of expected type: " + type.lowerName());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "INT32|1.0|Number|int32",
                "INT32|1e3|Number|int32",
                "INT32|true|True|int32",
                "INT32|null|Null|int32",
                "UINT64|0.5|Number|uint64",
                "UINT8|NaN|Number|uint8",
                "INT64|-Infinity|Number|int64",
                "UINT64|-Inf|Number|uint64",
                "INT32|{\"b64\":\"AQ==\"}|Object|int32",
                "FP32|true|True|float",
                "FP32|\"1.5\"|String|float",
                "FP32|null|Null|float",
                "FP32|{}|Object|float",
                "FP64|false|False|double",
                "FP16|null|Null|half",
                "BF16|\"\"|String|bfloat16",
                "BOOL|0|Number|bool",
                "BOOL|\"true\"|String|bool",
                "BYTES|1|Number|string",
                "BYTES|null|Null|string",
            })
    void cases28And35And38And49_valuesOfAnotherType(DataType type, String token, String kind, String expected) {
        String text = "JSON Value: " + token + " Type: " + kind + " is not of expected type: " + expected;
        refused(one(type), "{\"inputs\":{\"x\":[" + token + "]}}", text);
        refused(one(type), "{\"instances\":[{\"x\":" + token + "}]}", text);
    }

    @Test
    void case39_wordsThatAreNumbers() {
        assertThat(floats(x(DataType.FP32, "{\"inputs\":[NaN,Infinity,-Infinity,Inf,-Inf]}")))
                .containsExactly(
                        Float.NaN,
                        Float.POSITIVE_INFINITY,
                        Float.NEGATIVE_INFINITY,
                        Float.POSITIVE_INFINITY,
                        Float.NEGATIVE_INFINITY);
    }

    @Test
    void theIntegerMinusZeroIsPlusZero() {
        assertThat(floats(x(DataType.FP32, "{\"inputs\":[-0,-0.0]}"))).containsExactly(0f, -0f);
        assertThat(doubles(x(DataType.FP64, "{\"inputs\":[-0,-0.0]}"))).containsExactly(0d, -0d);
    }

    @Test
    void case41_sixteenBitFloatsAreAccepted() {
        assertThat(x(DataType.FP16, "{\"instances\":[1,-1.5]}").data())
                .isEqualTo(ByteBuffer.wrap(new byte[] {0x00, 0x3C, 0x00, (byte) 0xBE}));
        assertThat(x(DataType.BF16, "{\"inputs\":[1]}").data())
                .isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0x80, 0x3F}));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "aGVsbG8=|hello",
                "aGVsbG8|hello",
                "aGVs bG8=|hello",
                "aGVs\\nbG8=|hello",
                "aGVsbG8.|hello",
                "``|``",
                "YQ==|a",
                "YQ|a",
                "YWI=|ab",
                "YWJj|abc"
            })
    void base64WithOrWithoutPadding(String text, String expected) {
        assertThat(strings(x(DataType.BYTES, "{\"inputs\":[ { \"b64\" : \"" + text + "\" } , \"next\"]}")))
                .containsExactly(expected, "next");
    }

    @ParameterizedTest
    @ValueSource(strings = {"_-8=", "aGVsbG8==", "a", "aGVsbG8=x", "%%%%", "aGVs!G8=", "====", "ä", "YQ="})
    void case47_base64ThatIsRefused(String text) {
        refused(one(DataType.BYTES), "{\"inputs\":[{\"b64\":\"" + text + "\"}]}", "Unable to base64 decode");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"b64\":1}", "{\"b65\":\"AA==\"}", "{\"b64\":\"AA==\",\"c\":1}", "{}"})
    void case48_objectsThatAreNoBase64(String object) {
        String text = "JSON Value: " + object + " not formatted correctly for base64 data";
        refused(one(DataType.BYTES), "{\"inputs\":{\"x\":[" + object + "]}}", text);
        refused(one(DataType.BYTES), "{\"instances\":[{\"x\":" + object + "}]}", text);
    }

    @Test
    void inputsWithADefaultMayBeLeftOutByAllRowsOrByNone() {
        Signature optional = new Signature("o", Signature.PREDICT, TWO.inputs(), Map.of(), Set.of("b"));
        assertThat(bind(optional, "{\"instances\":[{\"a\":[1,2]},{\"a\":[3,4]}]}"))
                .containsOnlyKeys("a");
        assertThat(bind(optional, "{\"inputs\":{\"a\":[[1,2]]}}")).containsOnlyKeys("a");
        refused(optional, "{\"instances\":[{\"a\":[1,2]},{\"a\":[3,4],\"b\":1}]}", "keys must be equal to");
        refused(optional, "{\"instances\":[{\"a\":[1,2],\"b\":1},{\"a\":[3,4]}]}", "keys must be equal to");
        refused(optional, "{\"instances\":[{\"b\":1}]}", "keys must be equal to");
    }

    @Test
    void quotedValuesAreCut() {
        assertThatThrownBy(() -> bind(one(DataType.FP32), "{\"instances\":[\"" + "x".repeat(100_000) + "\"]}"))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
    }

    @Test
    void onlyLargeBodiesAreHeavy() {
        assertThat(parse("{\"instances\":[1]}").inputs().isHeavy()).isFalse();
        assertThat(parse("{\"instances\":[" + "1,".repeat(200_000) + "1]}")
                        .inputs()
                        .isHeavy())
                .isTrue();
    }
}
