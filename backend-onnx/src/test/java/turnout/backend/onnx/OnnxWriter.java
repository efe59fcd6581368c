package turnout.backend.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes small ONNX files, also ones that no exporter would: just enough of onnx.proto for the tests. */
final class OnnxWriter {
    static final int FLOAT = 1;
    static final int INT64 = 7;
    static final int STRING = 8;
    static final int BOOL = 9;
    static final int COMPLEX64 = 14;

    private static final int IR_VERSION = 9;
    // The first in which Equal takes strings.
    private static final int OPSET = 19;

    private final Message graph = new Message().text(2, "test");
    private final Message model = new Message().number(1, IR_VERSION);

    /** Adds a node. */
    OnnxWriter node(String operator, List<String> inputs, List<String> outputs, Message... attributes) {
        Message node = new Message();
        inputs.forEach(input -> node.text(1, input));
        outputs.forEach(output -> node.text(2, output));
        node.text(4, operator);
        for (Message attribute : attributes) {
            node.message(5, attribute);
        }
        graph.message(1, node);
        return this;
    }

    /** Declares an input; a dimension is a number or a name, "" for one that has neither. */
    OnnxWriter input(String name, int type, Object... dims) {
        graph.message(11, value(name, new Message().number(1, type).message(2, shape(dims))));
        return this;
    }

    OnnxWriter inputWithoutShape(String name, int type) {
        graph.message(11, value(name, new Message().number(1, type)));
        return this;
    }

    OnnxWriter output(String name, int type, Object... dims) {
        graph.message(12, value(name, new Message().number(1, type).message(2, shape(dims))));
        return this;
    }

    OnnxWriter outputWithoutShape(String name, int type) {
        graph.message(12, value(name, new Message().number(1, type)));
        return this;
    }

    /** Declares an output that is a sequence of float tensors. */
    OnnxWriter sequenceOutput(String name) {
        Message tensor = new Message().message(1, new Message().number(1, FLOAT));
        graph.message(
                12, new Message().text(1, name).message(2, new Message().message(4, new Message().message(1, tensor))));
        return this;
    }

    OnnxWriter initializer(Message tensor) {
        graph.message(5, tensor);
        return this;
    }

    byte[] bytes() {
        Message whole = new Message();
        whole.append(model);
        whole.message(7, graph).message(8, new Message().number(2, OPSET));
        return whole.bytes();
    }

    /** Writes {@code model.onnx} into that directory, which it gives back. */
    Path into(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.write(directory.resolve("model.onnx"), bytes());
        return directory;
    }

    static Message floats(String name, float... values) {
        Message tensor = new Message().number(1, values.length).number(2, FLOAT).text(8, name);
        for (float value : values) {
            tensor.fixed32(4, Float.floatToRawIntBits(value));
        }
        return tensor;
    }

    static Message longs(String name, long... values) {
        Message tensor = new Message().number(1, values.length).number(2, INT64).text(8, name);
        for (long value : values) {
            tensor.number(7, value);
        }
        return tensor;
    }

    static Message strings(String name, byte[]... values) {
        Message tensor =
                new Message().number(1, values.length).number(2, STRING).text(8, name);
        for (byte[] value : values) {
            tensor.field(6, value);
        }
        return tensor;
    }

    /** Floats that lie in another file. */
    static Message external(String name, long count, String location) {
        return new Message()
                .number(1, count)
                .number(2, FLOAT)
                .text(8, name)
                .message(13, new Message().text(1, "location").text(2, location))
                .message(13, new Message().text(1, "length").text(2, String.valueOf(count * Float.BYTES)))
                .number(14, 1);
    }

    /** An attribute that is a tensor. */
    static Message attribute(String name, Message tensor) {
        return new Message().text(1, name).message(5, tensor).number(20, 4);
    }

    /** An attribute that is a whole number. */
    static Message attribute(String name, long value) {
        return new Message().text(1, name).number(3, value).number(20, 2);
    }

    /** An attribute that is a graph. */
    static Message attribute(String name, OnnxWriter inner) {
        return new Message().text(1, name).message(6, inner.graph).number(20, 5);
    }

    private static Message value(String name, Message tensorType) {
        return new Message().text(1, name).message(2, new Message().message(1, tensorType));
    }

    private static Message shape(Object... dims) {
        Message shape = new Message();
        for (Object dim : dims) {
            Message one = new Message();
            if (dim instanceof Number number) {
                one.number(1, number.longValue());
            } else if (!dim.equals("")) {
                one.text(2, (String) dim);
            }
            shape.message(1, one);
        }
        return shape;
    }

    /** A protobuf message in the making. */
    static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Message fixed32(int field, int value) {
            varint((long) field << 3 | 5);
            for (int i = 0; i < 4; i++) {
                out.write(value >>> (8 * i));
            }
            return this;
        }

        Message text(int field, String value) {
            return field(field, value.getBytes(UTF_8));
        }

        Message message(int field, Message value) {
            return field(field, value.bytes());
        }

        Message field(int field, byte[] value) {
            varint((long) field << 3 | 2);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        void append(Message other) {
            out.writeBytes(other.bytes());
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private void varint(long value) {
            long left = value;
            while ((left & ~0x7FL) != 0) {
                out.write((int) ((left & 0x7F) | 0x80));
                left >>>= 7;
            }
            out.write((int) left);
        }
    }
}
