package turnout.gateway.edge.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/** Values of every type from JSON into a tensor and back. */
class JsonTensorsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BOOL|[true,false,true]|[true,false,true]",
                "BOOL|[1,0]|[true,false]",
                "UINT8|[255,0,7]|[255,0,7]",
                "UINT16|[65535,0]|[65535,0]",
                "UINT32|[4294967295,0]|[4294967295,0]",
                "UINT64|[18446744073709551615,0,9223372036854775808]|[18446744073709551615,0,9223372036854775808]",
                "INT8|[127,-128]|[127,-128]",
                "INT16|[32767,-32768]|[32767,-32768]",
                "INT32|[2147483647,-2147483648]|[2147483647,-2147483648]",
                "INT64|[9223372036854775807,-9223372036854775808]|[9223372036854775807,-9223372036854775808]",
                "FP16|[1.5,-0.5,65504,6e-8]|[1.5,-0.5,65504.0,5.9604645E-8]",
                "BF16|[1,-2.5,0.15625]|[1.0,-2.5,0.15625]",
                "FP32|[1,-2.5,0.1,3.4028235e38,1e-45,-0.0,NaN,-Infinity]"
                        + "|[1.0,-2.5,0.1,3.4028235E38,1.4E-45,-0.0,NaN,-Infinity]",
                "FP64|[11,0.1,1.7976931348623157e308,5e-324]|[11.0,0.1,1.7976931348623157E308,4.9E-324]",
                "BYTES|[\"\",\"grüße\",\"a\\\"b\\\\c\\n\\u0000\"]|[\"\",\"grüße\",\"a\\\"b\\\\c\\n\\u0000\"]"
            })
    void valuesOfEveryTypeComeBack(DataType type, String data, String expected) {
        assertThat(written(read(type, count(data), data))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BOOL|[2]",
                "BOOL|[\"true\"]",
                "UINT8|[-1]",
                "UINT8|[256]",
                "INT8|[128]",
                "INT8|[-129]",
                "UINT16|[70000]",
                "INT16|[40000]",
                "INT32|[2147483648]",
                "INT32|[1.5]",
                "INT32|[1e3]",
                "INT32|[\"1\"]",
                "UINT32|[-1]",
                "UINT32|[4294967296]",
                "INT64|[9223372036854775808]",
                "INT64|[1e30]",
                "UINT64|[-1]",
                "UINT64|[18446744073709551616]",
                "FP16|[65520]",
                "BF16|[1e39]",
                "FP32|[1e39]",
                "FP64|[1e999]",
                "FP32|[null]",
                "FP32|[true]",
                "FP32|[\"1\"]",
                "FP32|[{}]",
                "BYTES|[5]",
                "BYTES|[null]",
                "BYTES|[[\"a\"]]",
                "FP32|[[1]]",
                "FP32|[]",
                "FP32|[1,2]"
            })
    void valuesThatTheTypeCannotHoldAreRefusedNamingTheInput(DataType type, String data) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read(type, 1, data))
                .withMessageContaining("'x'");
    }

    @Test
    void nestedAndFlatAreTheSame() {
        assertThat(written(read(DataType.INT32, new long[] {2, 3}, "[[1,2,3],[4,5,6]]")))
                .isEqualTo(written(read(DataType.INT32, new long[] {2, 3}, "[ 1, 2,3 ,4,5,6 ]")));
    }

    @Test
    void aShapeThatAsksForMoreThanTheTextHoldsAllocatesNothing() {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read(DataType.FP64, 2_000_000_000L, "[1]"))
                .withMessageContaining("fewer elements");
    }

    @Test
    void floatsAreAsShortAsTheyCanBeReadBack() {
        JsonWriter out = new JsonWriter().beginArray();
        out.value(2.0e-3f)
                .value(0.3f)
                .value(1e10f)
                .value(11f)
                .value(2.0e-3)
                .value(1e21)
                .value(-7.0);
        assertThat(out.endArray().toString()).isEqualTo("[0.002,0.3,1.0E10,11.0,0.002,1.0E21,-7.0]");
    }

    private static long count(String data) {
        return data.chars().filter(c -> c == ',').count() + 1;
    }

    private static Tensor read(DataType type, long elements, String data) {
        return read(type, new long[] {elements}, data);
    }

    private static Tensor read(DataType type, long[] shape, String data) {
        byte[] body = ("{\"inputs\":[{\"data\":" + data + ",\"name\":\"x\",\"datatype\":\"" + type + "\",\"shape\":"
                        + Arrays.toString(shape) + "}]}")
                .getBytes(StandardCharsets.UTF_8);
        JsonRequest request = JsonRequest.read("m", body, body.length);
        Signature signature = Signature.of(
                Signature.DEFAULT, List.of(TensorSpec.of("x", type, -1)), List.of(TensorSpec.of("y", type, -1)));
        Map<String, Tensor> tensors = new JsonInputs(new Asked("m", ""), body, request.inputs()).bind(signature);
        return Objects.requireNonNull(tensors.get("x"));
    }

    private static String written(Tensor tensor) {
        JsonWriter out = new JsonWriter();
        JsonOutput.write("y", tensor, out);
        return out.toString();
    }
}
