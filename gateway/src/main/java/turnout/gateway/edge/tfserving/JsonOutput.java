package turnout.gateway.edge.tfserving;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import turnout.gateway.edge.Utf8;

/** JSON text under construction: strings are escaped, everything else is written as it is told. */
final class JsonOutput {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private final ByteSink bytes;
    private final FloatText floats;

    JsonOutput(int capacity) {
        bytes = new ByteSink(capacity);
        floats = new FloatText(bytes);
    }

    /** What was written. */
    Buffer toBuffer() {
        return Buffer.buffer(bytes.size()).appendBytes(bytes.array(), 0, bytes.size());
    }

    JsonOutput raw(String ascii) {
        bytes.ascii(ascii);
        return this;
    }

    JsonOutput raw(char ascii) {
        bytes.put(ascii);
        return this;
    }

    /** What stands between the elements of a list. */
    void separator() {
        bytes.putShort(',' | ' ' << Byte.SIZE);
    }

    /** A line break and that many blanks. */
    JsonOutput line(int indent) {
        bytes.put('\n');
        for (int i = 0; i < indent; i++) {
            bytes.put(' ');
        }
        return this;
    }

    JsonOutput number(long value) {
        bytes.ascii(Long.toString(value));
        return this;
    }

    JsonOutput number(float value) {
        floats.write(value);
        return this;
    }

    JsonOutput number(double value) {
        floats.write(value);
        return this;
    }

    JsonOutput string(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        return quoted(encoded, 0, encoded.length);
    }

    /** Bytes as a string where they are UTF-8, as {@code {"b64": "..."}} else: the answer stays JSON whatever a model says. */
    JsonOutput string(byte[] text, int from, int length) {
        return Utf8.isValid(text, from, from + length) ? quoted(text, from, length) : base64(text, from, length);
    }

    JsonOutput base64(byte[] data, int from, int length) {
        byte[] exact = Arrays.copyOfRange(data, from, from + length);
        byte[] encoded = Base64.getEncoder().encode(exact);
        bytes.ascii("{\"b64\": \"");
        bytes.put(encoded, 0, encoded.length);
        bytes.ascii("\"}");
        return this;
    }

    private JsonOutput quoted(byte[] text, int from, int length) {
        bytes.put('"');
        int start = from;
        int end = from + length;
        for (int i = from; i < end; i++) {
            byte b = text[i];
            if ((b >= 0 && b < 0x20) || b == '"' || b == '\\') {
                bytes.put(text, start, i - start);
                escape(b);
                start = i + 1;
            }
        }
        bytes.put(text, start, end - start);
        bytes.put('"');
        return this;
    }

    private void escape(byte b) {
        bytes.put('\\');
        switch (b) {
            case '\b' -> bytes.put('b');
            case '\f' -> bytes.put('f');
            case '\n' -> bytes.put('n');
            case '\r' -> bytes.put('r');
            case '\t' -> bytes.put('t');
            case '"', '\\' -> bytes.put(b);
            default -> {
                bytes.ascii("u00");
                bytes.put(HEX[b >> 4]);
                bytes.put(HEX[b & 0xF]);
            }
        }
    }
}
