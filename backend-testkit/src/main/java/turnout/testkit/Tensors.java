package turnout.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Stream;
import turnout.spi.Buffers;
import turnout.spi.DataType;
import turnout.spi.StringElements;
import turnout.spi.Tensor;

/** Makes tensors from Java values. They lie on the heap; {@link #in} moves one to aligned direct memory, as the gateway does. */
public final class Tensors {
    private Tensors() {}

    /** A shape, written without the {@code new long[]}. */
    public static long[] shape(long... dims) {
        return dims;
    }

    /** FP32 of that shape. */
    public static Tensor floats(long[] shape, float... values) {
        ByteBuffer data = heap(values.length * Float.BYTES);
        for (float value : values) {
            data.putFloat(value);
        }
        return new Tensor(DataType.FP32, shape, data.flip());
    }

    /** FP32 of one dimension. */
    public static Tensor floats(float... values) {
        return floats(shape(values.length), values);
    }

    /** FP64 of that shape. */
    public static Tensor doubles(long[] shape, double... values) {
        ByteBuffer data = heap(values.length * Double.BYTES);
        for (double value : values) {
            data.putDouble(value);
        }
        return new Tensor(DataType.FP64, shape, data.flip());
    }

    /** INT32 of that shape. */
    public static Tensor ints(long[] shape, int... values) {
        ByteBuffer data = heap(values.length * Integer.BYTES);
        for (int value : values) {
            data.putInt(value);
        }
        return new Tensor(DataType.INT32, shape, data.flip());
    }

    /** INT64 of that shape. */
    public static Tensor longs(long[] shape, long... values) {
        ByteBuffer data = heap(values.length * Long.BYTES);
        for (long value : values) {
            data.putLong(value);
        }
        return new Tensor(DataType.INT64, shape, data.flip());
    }

    /** BOOL of that shape. */
    public static Tensor booleans(long[] shape, boolean... values) {
        ByteBuffer data = heap(values.length);
        for (boolean value : values) {
            data.put((byte) (value ? 1 : 0));
        }
        return new Tensor(DataType.BOOL, shape, data.flip());
    }

    /** BYTES of that shape. */
    public static Tensor strings(long[] shape, byte[]... values) {
        return new Tensor(DataType.BYTES, shape, StringElements.write(Arrays.asList(values)));
    }

    /** BYTES of one dimension, encoded as UTF-8. */
    public static Tensor strings(String... values) {
        return strings(
                shape(values.length),
                Stream.of(values).map(value -> value.getBytes(UTF_8)).toArray(byte[][]::new));
    }

    /** Any type, from the low bits of each value: FP16 and BF16 as they lie in memory, unsigned types as their two's complement. */
    public static Tensor bits(DataType type, long[] shape, long... values) {
        ByteBuffer data = heap(values.length * type.width());
        for (long value : values) {
            for (int i = 0; i < type.width(); i++) {
                data.put((byte) (value >>> (8 * i)));
            }
        }
        return new Tensor(type, shape, data.flip());
    }

    /** No elements, of that type and shape. */
    public static Tensor empty(DataType type, long... shape) {
        return new Tensor(type, shape, heap(0));
    }

    /** A copy on the heap, independent of the original's memory. */
    public static Tensor heapCopy(Tensor tensor) {
        ByteBuffer copy = heap(tensor.byteSize()).put(tensor.data()).flip();
        return new Tensor(tensor.type(), tensor.shape().clone(), copy);
    }

    /** The tensor's bytes copied into that lease, which must be as long as they are. */
    public static Tensor in(Buffers.Lease lease, Tensor tensor) {
        lease.buffer().put(0, bytes(tensor));
        return new Tensor(tensor.type(), tensor.shape().clone(), lease.buffer());
    }

    /** The tensor's bytes as a fresh array. */
    public static byte[] bytes(Tensor tensor) {
        byte[] bytes = new byte[tensor.byteSize()];
        tensor.data().get(bytes);
        return bytes;
    }

    /** The values of an FP32 tensor. */
    public static float[] floatsOf(Tensor tensor) {
        float[] values = new float[(int) tensor.elements()];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }

    private static ByteBuffer heap(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
