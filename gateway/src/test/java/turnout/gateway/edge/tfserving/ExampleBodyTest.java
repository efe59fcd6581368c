package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.gateway.call.RefusedException;
import turnout.protocol.tensorflow.Example;
import turnout.protocol.tensorflow.Feature;

class ExampleBodyTest {
    private static ExampleBody parse(String json) {
        return ExampleBody.parse(json.getBytes(StandardCharsets.UTF_8), Method.CLASSIFY);
    }

    private static Example only(String json) throws InvalidProtocolBufferException {
        return Example.parseFrom(parse(json).examples().get(0));
    }

    private static Feature feature(String value) throws InvalidProtocolBufferException {
        return only("{\"examples\":[{\"f\":" + value + "}]}").getFeatures().getFeatureOrThrow("f");
    }

    @Test
    void case59_valuesListsAndMissingFeatures() throws Exception {
        assertThat(feature("7").getInt64List().getValueList()).containsExactly(7L);
        assertThat(feature("[1.5,-2.5e1]").getFloatList().getValueList()).containsExactly(1.5f, -25f);
        assertThat(feature("\"späße\"").getBytesList().getValue(0).toStringUtf8())
                .isEqualTo("späße");
        assertThat(feature("[]").getKindCase()).isEqualTo(Feature.KindCase.KIND_NOT_SET);
        assertThat(only("{\"examples\":[{}]}").getFeatures().getFeatureCount()).isZero();
        assertThat(feature("1,\"f\":2").getInt64List().getValueList()).containsExactly(1L);
    }

    @Test
    void case60_contextBase64BooleansAndWords() throws Exception {
        Example example = only("{\"context\":{\"c\":1,\"f\":1},\"examples\":[{\"f\":[{\"b64\":\"/w==\"},\"x\"]}]}");
        assertThat(example.getFeatures().getFeatureOrThrow("c").getInt64List().getValue(0))
                .isEqualTo(1);
        assertThat(example.getFeatures().getFeatureOrThrow("f").getBytesList().getValueList())
                .containsExactly(ByteString.copyFrom(new byte[] {-1}), ByteString.copyFromUtf8("x"));
        assertThat(feature("[1,true,false]").getInt64List().getValueList()).containsExactly(1L, 1L, 0L);
        assertThat(feature("[NaN,-Infinity,Inf]").getFloatList().getValueList())
                .containsExactly(Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"context\":[1],\"examples\":[{}]}|Example must be JSON object",
                "{\"examples\":{}}|Expecting 'examples' value to be an list/array",
                "{\"examples\":[[1.0]]}|Example must be JSON object",
                "{}|When method is classify, key 'examples' is expected and was not found",
                "{\"examples\":[]}|'examples' value is an empty array",
                "{\"examples\":[{\"f\":[10,null]}]}|unexpected JSON type: Null",
                "{\"examples\":[{\"f\":[10,{\"test\":10}]}]}|unexpected JSON type: Object",
                "{\"examples\":[{\"f\":[[10],20]}]}|unexpected JSON type: Array",
                "{\"examples\":[{\"f\":[10,10.0]}]}|unexpected JSON type: Number, expecting type: int64",
                "{\"examples\":[{\"f\":[1.0,\"a\"]}]}|expecting type: float",
                "{\"examples\":[{\"f\":[20,18446744073709551603]}]}|Only int64_t is supported",
                "{\"examples\":[{\"f\":{\"b64\":\"_-8=\"}}]}|Unable to base64 decode",
                "{\"signature_name\":1,\"examples\":[{}]}|'signature_name' key must be a string",
                "examples|JSON Parse error",
                "``|The document is empty",
                "[]|Is not object",
            })
    void cases61To64_bodiesThatAreRefused(String json, String text) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(text);
    }

    @Test
    void aContextIsNotRepeatedOutOfProportionToTheRequest() {
        String rows = "[" + "{},".repeat(5_000) + "{}]";
        String context = "{\"c\":\"" + "c".repeat(1_000) + "\"}";
        assertThatThrownBy(() -> parse("{\"context\":" + context + ",\"examples\":" + rows + "}"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is repeated for 5001 examples")
                .hasMessageContaining("send fewer examples at a time");
        String fewer = "[" + "{},".repeat(500) + "{}]";
        assertThat(parse("{\"context\":" + context + ",\"examples\":" + fewer + "}")
                        .examples())
                .hasSize(501)
                .allMatch(row -> row.size() > 1_000);
    }
}
