package turnout.backend.onnx;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.List;

/** Writes an ONNX model without inputs whose one output is a constant; the field numbers are those of onnx.proto. */
final class ConstantModel {
    private static final int STRING = 8;
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;

    private ConstantModel() {}

    /** One that gives those strings, byte by byte. */
    static byte[] ofStrings(List<byte[]> elements, long[] shape) {
        Message tensor = new Message();
        for (long dim : shape) {
            tensor.number(1, dim);
        }
        tensor.number(2, STRING).bytes(8, ascii("constant"));
        elements.forEach(element -> tensor.bytes(6, element));
        Message node =
                new Message().bytes(1, ascii("constant")).bytes(2, ascii("y")).bytes(4, ascii("Identity"));
        Message type = new Message().bytes(1, new Message().number(1, STRING).toBytes());
        Message output = new Message().bytes(1, ascii("y")).bytes(2, type.toBytes());
        Message graph = new Message()
                .bytes(1, node.toBytes())
                .bytes(2, ascii("constant"))
                .bytes(5, tensor.toBytes())
                .bytes(12, output.toBytes());
        return new Message()
                .number(1, IR_VERSION)
                .bytes(7, graph.toBytes())
                .bytes(8, new Message().number(2, OPSET).toBytes())
                .toBytes();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            varint((long) field << 3);
            varint(value);
            return this;
        }

        Message bytes(int field, byte[] value) {
            varint(((long) field << 3) | ProtobufReader.LENGTH_DELIMITED);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        byte[] toBytes() {
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
