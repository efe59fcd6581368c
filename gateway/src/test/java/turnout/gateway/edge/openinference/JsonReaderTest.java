package turnout.gateway.edge.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import turnout.gateway.call.RefusedException;

class JsonReaderTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                " [ 1 , -0.5e+7 , true , null , \"a\\u00e9\\n\" ] ",
                "{\"a\":{\"b\":[[],{}]},\"c\":[{\"d\":1}]}",
                "NaN",
                "-Infinity",
                "[Infinity,0,-0,10.25E3]",
                "\"日本\"",
                "\"\\ud83d\\ude82\""
            })
    void wellFormedValuesAreSkipped(String text) {
        JsonReader reader = reader(text);
        reader.skipValue();
        reader.finish();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[1,]",
                "[,1]",
                "[1 2]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{\"a\":1]",
                "[1}",
                "[1",
                "\"open",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"tab\there\"",
                "01",
                "-",
                "+1",
                "1.",
                ".5",
                "1e",
                "0x10",
                "1-2",
                "nul",
                "nulll",
                "True",
                "NaN1",
                "-NaN",
                "Infinityx",
                "'a'"
            })
    void malformedValuesAreRefused(String text) {
        assertThatExceptionOfType(RefusedException.class).isThrownBy(() -> {
            JsonReader reader = reader(text);
            reader.skipValue();
            reader.finish();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"80", "c080", "e08080", "eda080", "f4908080", "f5808080", "e282", "ff"})
    void stringsThatAreNotUtf8AreRefused(String hex) {
        byte[] bytes = HexFormat.of().parseHex("22" + hex + "22");
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> new JsonReader(bytes, 0, bytes.length).skipValue())
                .withMessageContaining("UTF-8");
    }

    @Test
    void depthDoesNotMatterToWhatIsSkipped() {
        int depth = 2_000_000;
        JsonReader reader = reader("[".repeat(depth) + "]".repeat(depth));
        reader.skipValue();
        reader.finish();
    }

    @Test
    void escapesAreRead() {
        assertThat(reader("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\ude82z\"")
                        .string("it"))
                .isEqualTo("a\"\\/\b\f\n\r\té€🚂z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\\ud83d\"", "\"\\ude82\\ud83d\"", "\"\\ud83dx\"", "\"\\ud83d\\n12345\""})
    void halfASurrogatePairIsRefused(String text) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> reader(text).string("it"));
    }

    @Test
    void aNumberOfAMegabyteIsRefused() {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> reader("1".repeat(1 << 20)).skipValue());
    }

    private static JsonReader reader(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new JsonReader(bytes, 0, bytes.length);
    }
}
