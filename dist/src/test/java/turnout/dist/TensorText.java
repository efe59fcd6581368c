package turnout.dist;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import turnout.spi.DataType;
import turnout.spi.Tensor;
import turnout.testkit.Tensors;

/** Tensors as JSON, written independently of the server's code. Of 16-bit floats it knows those that are not subnormal. */
final class TensorText {
    private TensorText() {}

    /** The elements in one list. */
    static JsonArray flat(Tensor tensor) {
        return new JsonArray(elements(tensor, false));
    }

    /** The elements in lists of lists, strings as base64; a bare element for a scalar. */
    static Object nested(Tensor tensor) {
        List<Object> level = elements(tensor, true);
        long[] shape = tensor.shape();
        for (int axis = shape.length - 1; axis > 0; axis--) {
            int size = (int) shape[axis];
            List<Object> above = new ArrayList<>();
            for (int i = 0; i < level.size(); i += size) {
                above.add(new JsonArray(new ArrayList<>(level.subList(i, i + size))));
            }
            level = above;
        }
        return shape.length == 0 ? level.get(0) : new JsonArray(level);
    }

    /** Reads lists of lists; their nesting is the shape. */
    static Tensor read(DataType type, Object json) {
        List<Long> shape = new ArrayList<>();
        Object first = json;
        while (first instanceof JsonArray list) {
            shape.add((long) list.size());
            first = list.isEmpty() ? "" : list.getValue(0);
        }
        return read(type, shape.stream().mapToLong(Long::longValue).toArray(), json);
    }

    /** Reads the elements of a shape from lists of any nesting. */
    static Tensor read(DataType type, long[] shape, Object json) {
        List<Object> elements = new ArrayList<>();
        flatten(json, elements);
        if (type == DataType.BYTES) {
            return Tensors.strings(
                    shape,
                    elements.stream()
                            .map(text -> String.valueOf(text).getBytes(StandardCharsets.UTF_8))
                            .toArray(byte[][]::new));
        }
        return Tensors.bits(
                type,
                shape,
                elements.stream().mapToLong(element -> bits(type, element)).toArray());
    }

    private static void flatten(Object json, List<Object> into) {
        if (json instanceof JsonArray list) {
            for (Object element : list) {
                flatten(element, into);
            }
        } else {
            into.add(json);
        }
    }

    private static List<Object> elements(Tensor tensor, boolean base64) {
        List<Object> elements = new ArrayList<>();
        ByteBuffer data = tensor.data();
        while (data.hasRemaining()) {
            elements.add(
                    switch (tensor.type()) {
                        case BOOL -> data.get() != 0;
                        case UINT8 -> data.get() & 0xff;
                        case UINT16 -> data.getShort() & 0xffff;
                        case UINT32 -> data.getInt() & 0xffffffffL;
                        case UINT64 -> new BigInteger(Long.toUnsignedString(data.getLong()));
                        case INT8 -> data.get();
                        case INT16 -> data.getShort();
                        case INT32 -> data.getInt();
                        case INT64 -> data.getLong();
                        case FP16 -> fromHalf(data.getShort());
                        case BF16 -> Float.intBitsToFloat(data.getShort() << 16);
                        case FP32 -> data.getFloat();
                        case FP64 -> data.getDouble();
                        case BYTES -> string(data, base64);
                    });
        }
        return elements;
    }

    private static Object string(ByteBuffer data, boolean base64) {
        byte[] bytes = new byte[data.getInt()];
        data.get(bytes);
        return base64
                ? new JsonObject().put("b64", Base64.getEncoder().encodeToString(bytes))
                : new String(bytes, StandardCharsets.UTF_8);
    }

    private static long bits(DataType type, Object element) {
        if (element instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        return switch (type) {
            case FP16 -> toHalf(Float.parseFloat(element.toString()));
            case BF16 -> Float.floatToRawIntBits(Float.parseFloat(element.toString())) >>> 16;
            case FP32 -> Float.floatToRawIntBits(Float.parseFloat(element.toString()));
            case FP64 -> Double.doubleToRawLongBits(Double.parseDouble(element.toString()));
            default -> new BigInteger(element.toString()).longValue();
        };
    }

    private static float fromHalf(short bits) {
        if ((bits & 0x7fff) == 0) {
            return bits < 0 ? -0f : 0f;
        }
        int exponent = ((bits >> 10) & 0x1f) - 15 + 127;
        return Float.intBitsToFloat(((bits & 0x8000) << 16) | (exponent << 23) | ((bits & 0x3ff) << 13));
    }

    private static int toHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int exponent = ((bits >>> 23) & 0xff) - 127 + 15;
        return value == 0 ? sign : sign | (exponent << 10) | ((bits >>> 13) & 0x3ff);
    }
}
