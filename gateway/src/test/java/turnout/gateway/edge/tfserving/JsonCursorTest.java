package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import turnout.gateway.call.RefusedException;

class JsonCursorTest {
    private static JsonCursor over(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new JsonCursor(bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "12",
                "-1.5e+10",
                "1E3",
                "NaN",
                "Inf",
                "-Inf",
                "Infinity",
                "-Infinity",
                "true",
                "false",
                "null",
                "\"\"",
                "\"a\\u00e4\\ud83d\\ude80\\n\\\"\\/\"",
                "\"späße 日本 \uD83D\uDE80\"",
                "[]",
                "{}",
                "[ ]",
                "{ }",
                "[1,[2,{\"a\":[ ]}],\"x\"]",
                "{\"a\":{\"b\":[1,2]},\"c\":null}",
                "\t[1 , 2 ]"
            })
    void wellFormedValuesArePassedToTheirEnd(String text) {
        JsonCursor cursor = over(text + " tail");
        cursor.skipValue();
        assertThat(cursor.position()).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nan|Invalid value. at offset: 0",
                "Nan|Invalid value. at offset: 0",
                "+1|Invalid value. at offset: 0",
                ".5|Invalid value. at offset: 0",
                "Infinit|Invalid value.",
                "--1|Invalid value.",
                "- 1|Invalid value.",
                "True|Invalid value. at offset: 0",
                "1.|Miss fraction part in number. at offset: 2",
                "1e|Miss exponent in number. at offset: 2",
                "1e+|Miss exponent in number. at offset: 3",
                "1e400|Number too big to be stored in double. at offset: 0",
                "[01]|Missing a comma or ] after an array element. at offset: 2",
                "[0x10]|Missing a comma or ] after an array element. at offset: 2",
                "[NaNs]|Missing a comma or ] after an array element. at offset: 4",
                "[1 2]|Missing a comma or ] after an array element. at offset: 3",
                "[1,]|Invalid value. at offset: 3",
                "[1|Missing a comma or ] after an array element. at offset: 2",
                "[|Invalid value. at offset: 1",
                "{'a':1}|Missing a name for object member. at offset: 1",
                "{/*no*/}|Missing a name for object member. at offset: 1",
                "{\"a\" 1}|Missing a colon after a name of object member. at offset: 5",
                "{\"a\":1 \"b\"}|Missing a comma or } after an object member. at offset: 7",
                "{\"a\":1,}|Missing a name for object member. at offset: 7",
                "\"a|Missing a closing quotation mark in string. at offset: 2",
                "\"\\x\"|Invalid escape character in string. at offset: 1",
                "\"\\u12g4\"|Incorrect hex digit after \\u escape in string. at offset: 5",
                "\"\\ud800\"|The surrogate pair in string is invalid. at offset: 1",
                "\"\\ude00\"|The surrogate pair in string is invalid. at offset: 1",
                "\"\\ud800\\u0041\"|The surrogate pair in string is invalid. at offset: 1",
            })
    void mistakesAreNamedWithTheirPlace(String text, String reason) {
        assertThatThrownBy(() -> over(text).skipValue())
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("JSON Parse error: " + reason);
    }

    @Test
    void stringsMustBeUtf8() {
        for (byte[] bad : new byte[][] {
            {(byte) 0xFF},
            {(byte) 0xC3},
            {(byte) 0xC0, (byte) 0x80},
            {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            {(byte) 0xF5, 0, 0, 0},
            {1}
        }) {
            byte[] text = new byte[bad.length + 2];
            text[0] = '"';
            System.arraycopy(bad, 0, text, 1, bad.length);
            text[bad.length + 1] = '"';
            assertThatThrownBy(() -> new JsonCursor(text, 0, text.length).skipValue())
                    .hasMessageContaining("Invalid encoding in string.");
        }
    }

    @Test
    void nestingHasNoLimitAndTakesNoStack() {
        int depth = 500_000;
        JsonCursor cursor = over("[".repeat(depth) + "]".repeat(depth));
        cursor.skipValue();
        assertThat(cursor.position()).isEqualTo(2 * depth);
        JsonCursor objects = over("{\"a\":".repeat(depth) + "1" + "}".repeat(depth));
        objects.skipValue();
        assertThat(objects.peek()).isZero();
    }

    @Test
    void s10_numbersAreAtMostAKibibyteLong() {
        JsonCursor cursor = over("1".repeat(300) + "." + "1".repeat(723));
        cursor.skipValue();
        assertThat(cursor.position()).isEqualTo(1024);
        assertThatThrownBy(() -> over("0." + "1".repeat(1100)).skipValue())
                .hasMessageContaining("Number of more than 1024 characters.");
        assertThatThrownBy(() -> over("9".repeat(400)).skipValue()).hasMessageContaining("Number too big");
    }

    @Test
    void stringsAreReadWithTheirEscapesUndone() {
        JsonCursor cursor = over("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude80ß\" ");
        assertThat(cursor.readString()).isEqualTo("a\"\\/\b\f\n\r\tä\uD83D\uDE80ß");
        assertThat(cursor.peek()).isEqualTo((byte) ' ');
    }

    @Test
    void quotesAreCutBetweenLetters() {
        String quote = over("\"" + "ä".repeat(1000) + "\"").quote();
        assertThat(quote).hasSizeLessThan(260).endsWith("ä...").doesNotContain("\uFFFD");
    }

    @Test
    void onlyAnObjectWithTheOneStringMemberIsBase64() {
        assertThat(Base64Value.isAt(over("{ \"b64\" : \"AA==\" }"))).isTrue();
        assertThat(Base64Value.isAt(over("{\"\\u00624\":\"\"}"))).isFalse();
        for (String other : new String[] {"{}", "[]", "{\"b64\":1}", "{\"b64\":\"\",\"c\":1}", "{\"b65\":\"\"}", "1"}) {
            assertThat(Base64Value.isAt(over(other))).isFalse();
        }
    }
}
