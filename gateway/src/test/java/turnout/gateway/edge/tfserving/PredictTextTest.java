package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import turnout.spi.DataType;
import turnout.spi.StringElements;
import turnout.spi.Tensor;

/** The numbered cases of the contract's list that are about predict answers. */
class PredictTextTest {
    private static String write(PredictBody.Form form, Map<String, Tensor> outputs) {
        return PredictText.write(form, outputs).toBuffer().toString(StandardCharsets.UTF_8);
    }

    private static Tensor ints(long[] shape, int... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            data.putInt(value);
        }
        return new Tensor(DataType.INT32, shape, data.flip());
    }

    private static Tensor bytes(DataType type, int... values) {
        ByteBuffer data = ByteBuffer.allocate(values.length);
        for (int value : values) {
            data.put((byte) value);
        }
        return new Tensor(type, new long[] {values.length / type.width()}, data.flip());
    }

    private static Tensor strings(long[] shape, String... values) {
        return new Tensor(
                DataType.BYTES,
                shape,
                StringElements.write(List.of(values).stream()
                        .map(value -> value.getBytes(StandardCharsets.ISO_8859_1))
                        .toList()));
    }

    @Test
    void cases50And51_nestingIsTheShape() {
        Tensor tensor = ints(new long[] {2, 3, 2}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        String lists = "[[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]\n    ]\n}\n";
        assertThat(write(PredictBody.Form.ROWS, Map.of("y", tensor))).isEqualTo("{\n    \"predictions\": " + lists);
        assertThat(write(PredictBody.Form.COLUMNS, Map.of("y", tensor))).isEqualTo("{\n    \"outputs\": " + lists);
        assertThat(write(PredictBody.Form.ROWS, Map.of("y", ints(new long[] {2}, 7, -8))))
                .isEqualTo("{\n    \"predictions\": [7, -8\n    ]\n}\n");
    }

    @Test
    void case52_outputsCalledBytesAreBase64() {
        Tensor tensor = strings(new long[] {2}, "a", "\u00FF");
        assertThat(write(PredictBody.Form.ROWS, Map.of("y_bytes", tensor)))
                .contains("[{\"b64\": \"YQ==\"}, {\"b64\": \"/w==\"}");
        assertThat(write(PredictBody.Form.ROWS, Map.of("y", tensor))).contains("[\"a\", {\"b64\": \"/w==\"}");
    }

    @Test
    void case55_outputsThatCannotBeRows() {
        assertThatThrownBy(() -> write(PredictBody.Form.ROWS, Map.of())).hasMessageContaining("empty tensor map");
        assertThatThrownBy(() -> write(PredictBody.Form.ROWS, Map.of("y", ints(new long[0], 1))))
                .hasMessage("Tensor name: y has no shape information ");
        assertThat(write(PredictBody.Form.COLUMNS, Map.of("y", ints(new long[0], 1))))
                .isEqualTo("{\n    \"outputs\": 1\n}\n");
    }

    @Test
    void case56_severalOutputs() {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        outputs.put("p", ints(new long[] {2, 2}, 1, 2, 3, 4));
        outputs.put("q", strings(new long[] {2}, "a", "b"));
        assertThat(write(PredictBody.Form.ROWS, outputs))
                .isEqualToIgnoringWhitespace(
                        "{\"predictions\": [{\"p\": [1, 2], \"q\": \"a\"}, {\"p\": [3, 4], \"q\": \"b\"}]}");
        assertThat(write(PredictBody.Form.COLUMNS, outputs))
                .isEqualToIgnoringWhitespace("{\"outputs\": {\"p\": [[1, 2], [3, 4]], \"q\": [\"a\", \"b\"]}}");
    }

    @Test
    void case57_outputsOfUnequalLengthAreNoRows() {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        outputs.put("p", ints(new long[] {2}, 1, 2));
        outputs.put("q", ints(new long[] {1}, 1));
        assertThatThrownBy(() -> write(PredictBody.Form.ROWS, outputs))
                .hasMessage("Tensor name: q has inconsistent batch size: 1 expecting: 2");
        outputs.put("q", ints(new long[] {0}));
        assertThatThrownBy(() -> write(PredictBody.Form.ROWS, outputs)).hasMessageContaining("inconsistent batch size");
    }

    @Test
    void case58_noRowsAreAnEmptyList() {
        assertThat(write(PredictBody.Form.ROWS, Map.of("y", ints(new long[] {0, 3}))))
                .isEqualTo("{\n    \"predictions\": []\n}\n");
        assertThat(write(PredictBody.Form.ROWS, Map.of("y", ints(new long[] {2, 0}))))
                .isEqualTo("{\n    \"predictions\": [[], []\n    ]\n}\n");
    }

    @Test
    void integersAreUnsignedWhereTheirTypeIs() {
        assertThat(write(PredictBody.Form.COLUMNS, Map.of("y", bytes(DataType.UINT8, 255, 1))))
                .contains("[255, 1");
        assertThat(write(PredictBody.Form.COLUMNS, Map.of("y", bytes(DataType.INT8, 255, 1))))
                .contains("[-1, 1");
        assertThat(write(PredictBody.Form.COLUMNS, Map.of("y", bytes(DataType.UINT16, 255, 255))))
                .contains("[65535");
        assertThat(write(PredictBody.Form.COLUMNS, Map.of("y", bytes(DataType.UINT32, 255, 255, 255, 255))))
                .contains("[4294967295");
        assertThat(write(
                        PredictBody.Form.COLUMNS,
                        Map.of("y", bytes(DataType.UINT64, 255, 255, 255, 255, 255, 255, 255, 255))))
                .contains("[18446744073709551615");
        assertThat(write(PredictBody.Form.COLUMNS, Map.of("y", bytes(DataType.BOOL, 1, 0))))
                .contains("[true, false");
    }

    @Test
    void sixteenBitFloatsAreNumbers() {
        assertThat(write(PredictBody.Form.COLUMNS, Map.of("y", bytes(DataType.FP16, 0, 0x3E, 0, 0xC0))))
                .contains("[1.5, -2.0");
        assertThat(write(PredictBody.Form.COLUMNS, Map.of("y", bytes(DataType.BF16, 0xC0, 0x3F))))
                .contains("[1.5");
    }
}
