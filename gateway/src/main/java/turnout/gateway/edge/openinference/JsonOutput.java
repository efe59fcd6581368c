package turnout.gateway.edge.openinference;

import java.nio.ByteBuffer;
import turnout.gateway.edge.Utf8;
import turnout.spi.Tensor;

/** Writes a tensor's elements as a flat JSON array. */
final class JsonOutput {
    private JsonOutput() {}

    static void write(String output, Tensor tensor, JsonWriter out) {
        ByteBuffer data = tensor.data();
        out.beginArray();
        while (data.hasRemaining()) {
            switch (tensor.type()) {
                case BOOL -> out.value(data.get() != 0);
                case UINT8 -> out.value(data.get() & 0xff);
                case UINT16 -> out.value(data.getShort() & 0xffff);
                case UINT32 -> out.value(data.getInt() & 0xffffffffL);
                case UINT64 -> out.unsigned(data.getLong());
                case INT8 -> out.value(data.get());
                case INT16 -> out.value(data.getShort());
                case INT32 -> out.value(data.getInt());
                case INT64 -> out.value(data.getLong());
                case FP16 -> out.value(HalfFloats.fromFp16(data.getShort()));
                case BF16 -> out.value(HalfFloats.fromBf16(data.getShort()));
                case FP32 -> out.value(data.getFloat());
                case FP64 -> out.value(data.getDouble());
                case BYTES -> string(output, data, out);
            }
        }
        out.endArray();
    }

    private static void string(String output, ByteBuffer data, JsonWriter out) {
        byte[] text = new byte[data.getInt()];
        data.get(text);
        for (int i = 0; i < text.length; ) {
            int length = Utf8.sequence(text, i, text.length);
            if (length == 0) {
                // To replace what is no text would be to answer something else than the model said.
                throw Asked.malformed("output '" + Asked.shown(output)
                        + "' holds bytes that are not UTF-8: ask for it with 'binary_data'");
            }
            i += length;
        }
        out.text(text, text.length);
    }
}
