package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;
import turnout.spi.Shapes;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.testkit.Spending;

/** Bodies of REST predicts, for models of several signatures: each is read, as Jackson reads it too, or refused. */
public final class PredictBodies {
    private static final List<Signature> SIGNATURES = List.of(
            signature(spec("x", DataType.FP32)),
            signature(spec("x", DataType.FP64)),
            signature(spec("x", DataType.FP16)),
            signature(spec("x", DataType.INT8)),
            signature(spec("x", DataType.INT64)),
            signature(spec("x", DataType.UINT64)),
            signature(spec("x", DataType.BOOL)),
            signature(spec("x", DataType.BYTES)),
            signature(spec("x", DataType.FP32), spec("y", DataType.INT32)));

    private PredictBodies() {}

    /** Reads a body for every signature. */
    public static void fuzzerTestOneInput(byte[] body) {
        for (Signature signature : SIGNATURES) {
            Spending.ofReading(body.length, () -> bound(body, signature));
            bound(body, signature).ifPresent(tensors -> compare(body, signature, tensors));
        }
    }

    private static Optional<Map<String, Tensor>> bound(byte[] body, Signature signature) {
        try {
            return Optional.of(PredictBody.parse(body).inputs().bind(signature));
        } catch (RefusedException e) {
            assertThat(e.refusal().message()).isNotBlank().hasSizeLessThan(4096);
            return Optional.empty();
        }
    }

    private static void compare(byte[] body, Signature signature, Map<String, Tensor> tensors) {
        Object reading = JacksonReading.of(body).orElse(null);
        if (!(reading instanceof Map<?, ?> members)) {
            return;
        }
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            List<Object> values = new ArrayList<>();
            boolean single = signature.inputs().size() == 1;
            if (members.get("instances") instanceof List<?> rows) {
                for (Object row : rows) {
                    flatten(member(row, entry.getKey(), single), values);
                }
            } else {
                flatten(member(members.get("inputs"), entry.getKey(), single), values);
            }
            assertSame(entry.getValue(), values);
        }
    }

    private static Object member(@Nullable Object value, String name, boolean single) {
        boolean isBare = single && !(value instanceof Map<?, ?> object && !isBase64(object));
        return Objects.requireNonNull(isBare || value == null ? value : ((Map<?, ?>) value).get(name));
    }

    private static boolean isBase64(Map<?, ?> object) {
        return object.size() == 1 && object.get("b64") instanceof String;
    }

    private static void flatten(Object value, List<Object> into) {
        if (value instanceof List<?> list) {
            list.forEach(element -> flatten(element, into));
        } else {
            into.add(value);
        }
    }

    private static void assertSame(Tensor tensor, List<Object> values) {
        assertThat(Shapes.elements(tensor.shape())).isEqualTo(values.size());
        ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (Object value : values) {
            switch (tensor.type()) {
                case FP32 ->
                    assertThat(data.getInt()).isEqualTo(Float.floatToRawIntBits(Float.parseFloat(real(value))));
                case FP64 ->
                    assertThat(data.getLong()).isEqualTo(Double.doubleToRawLongBits(Double.parseDouble(real(value))));
                case FP16 -> data.getShort();
                case INT8 ->
                    assertThat((long) data.get()).isEqualTo(whole(value).longValueExact());
                case INT32 ->
                    assertThat((long) data.getInt()).isEqualTo(whole(value).longValueExact());
                case INT64 -> assertThat(data.getLong()).isEqualTo(whole(value).longValueExact());
                case UINT64 ->
                    assertThat(Long.toUnsignedString(data.getLong()))
                            .isEqualTo(whole(value).toString());
                case BOOL ->
                    assertThat(data.get()).isEqualTo((byte) (value.toString().contains("true") ? 1 : 0));
                case BYTES -> assertSameString(data, value);
                default -> throw new IllegalStateException("no such signature here: " + tensor.type());
            }
        }
        assertThat(data.hasRemaining()).isFalse();
    }

    private static void assertSameString(ByteBuffer data, Object value) {
        byte[] bytes = new byte[data.getInt()];
        data.get(bytes);
        if (value instanceof String text) {
            assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(text);
        }
    }

    /** The integer zero has no sign to TensorFlow Serving. */
    private static String real(Object value) {
        String text = ((JacksonReading.Numeral) value).text();
        return text.equals("-0") ? "0" : text;
    }

    private static BigInteger whole(Object value) {
        return new BigInteger(((JacksonReading.Numeral) value).text());
    }

    private static TensorSpec spec(String name, DataType type) {
        return TensorSpec.of(name, type, -1);
    }

    private static Signature signature(TensorSpec... inputs) {
        return Signature.of(Signature.DEFAULT, List.of(inputs), List.of());
    }
}
