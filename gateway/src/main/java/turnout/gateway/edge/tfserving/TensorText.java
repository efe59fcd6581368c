package turnout.gateway.edge.tfserving;

import java.nio.ByteBuffer;
import turnout.spi.Tensor;

/** Writes a tensor's elements as nested lists, whole or row by row. */
final class TensorText {
    private final String name;
    private final Tensor tensor;
    private final long[] shape;
    private final ByteBuffer data;
    private final boolean isBinary;

    /**
     * @param name the output's alias: strings of one that ends in {@code _bytes} are written in base64
     */
    TensorText(String name, Tensor tensor) {
        this.name = name;
        this.tensor = tensor;
        this.shape = tensor.shape();
        this.data = tensor.data();
        this.isBinary = name.endsWith("_bytes");
    }

    String name() {
        return name;
    }

    long[] shape() {
        return shape;
    }

    /** Writes all of it. The outermost list closes on a line of its own, as TensorFlow Serving has it. */
    void writeAll(JsonOutput into, int indent) {
        write(into, 0, indent);
    }

    /** Writes the next row: what is left of the shape without axis 0. */
    void writeRow(JsonOutput into) {
        write(into, 1, -1);
    }

    /** Writes the next row as a member of an object. */
    void writeRow(JsonOutput into, int indent) {
        write(into, 1, indent);
    }

    /**
     * @param axis the axis that the list runs along
     * @param indent of the closing bracket's line, negative for none of its own
     */
    private void write(JsonOutput into, int axis, int indent) {
        if (axis == shape.length) {
            writeElement(into);
            return;
        }
        into.raw('[');
        long count = shape[axis];
        boolean isInnermost = axis == shape.length - 1;
        for (long i = 0; i < count; i++) {
            if (i > 0) {
                into.separator();
            }
            if (isInnermost) {
                writeElement(into);
            } else {
                write(into, axis + 1, -1);
            }
        }
        if (count > 0 && indent >= 0) {
            into.line(indent);
        }
        into.raw(']');
    }

    private void writeElement(JsonOutput into) {
        switch (tensor.type()) {
            case BOOL -> into.raw(data.get() != 0 ? "true" : "false");
            case UINT8 -> into.number(Byte.toUnsignedInt(data.get()));
            case UINT16 -> into.number(Short.toUnsignedInt(data.getShort()));
            case UINT32 -> into.number(Integer.toUnsignedLong(data.getInt()));
            case UINT64 -> into.raw(Long.toUnsignedString(data.getLong()));
            case INT8 -> into.number(data.get());
            case INT16 -> into.number(data.getShort());
            case INT32 -> into.number(data.getInt());
            case INT64 -> into.number(data.getLong());
            case FP16 -> into.number(SixteenBits.fromHalf(data.getShort()));
            case BF16 -> into.number(SixteenBits.fromBfloat16(data.getShort()));
            case FP32 -> into.number(data.getFloat());
            case FP64 -> into.number(data.getDouble());
            case BYTES -> writeString(into);
        }
    }

    private void writeString(JsonOutput into) {
        byte[] text = new byte[data.getInt()];
        data.get(text);
        if (isBinary) {
            into.base64(text, 0, text.length);
        } else {
            into.string(text, 0, text.length);
        }
    }
}
