package turnout.gateway.edge.openinference;

import com.fasterxml.jackson.core.io.NumberOutput;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes compact JSON in UTF-8. Numbers with a fraction are as short as they can be read back, and always show one ({@code 11.0}). */
final class JsonWriter {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** Whole numbers below this are written without going through a string. */
    private static final float SMALL = 1e7f;

    private static final int LONGEST_LONG = 20;

    private byte[] bytes = new byte[512];
    private int count;
    private boolean commaIsDue;

    JsonWriter beginObject() {
        return open('{');
    }

    JsonWriter endObject() {
        return close('}');
    }

    JsonWriter beginArray() {
        return open('[');
    }

    JsonWriter endArray() {
        return close(']');
    }

    JsonWriter key(String name) {
        value(name);
        put(':');
        commaIsDue = false;
        return this;
    }

    JsonWriter field(String name, String value) {
        return key(name).value(value);
    }

    JsonWriter field(String name, long value) {
        return key(name).value(value);
    }

    JsonWriter field(String name, boolean value) {
        key(name).value(value);
        return this;
    }

    JsonWriter value(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return text(utf8, utf8.length);
    }

    /** A string of UTF-8 bytes that are known to be well-formed. */
    JsonWriter text(byte[] utf8, int length) {
        separate();
        reserve(length + 2);
        bytes[count++] = '"';
        for (int i = 0; i < length; i++) {
            byte c = utf8[i];
            if ((c >= 0 && c < 0x20) || c == '"' || c == '\\' || c == 0x7f) {
                escape(c);
                reserve(length - i + 1);
            } else {
                bytes[count++] = c;
            }
        }
        bytes[count++] = '"';
        return this;
    }

    JsonWriter value(boolean value) {
        separate();
        ascii(value ? "true" : "false");
        return this;
    }

    JsonWriter value(long value) {
        separate();
        digits(value);
        return this;
    }

    JsonWriter unsigned(long value) {
        if (value >= 0) {
            return value(value);
        }
        separate();
        ascii(Long.toUnsignedString(value));
        return this;
    }

    JsonWriter value(float value) {
        separate();
        if (isSmallAndWhole(value)) {
            digits((long) value);
            ascii(".0");
        } else {
            // The shortest digits on every JDK: Float.toString of 17 may write more than are needed.
            ascii(Float.isFinite(value) ? NumberOutput.toString(value, true) : Float.toString(value));
        }
        return this;
    }

    JsonWriter value(double value) {
        separate();
        if (isSmallAndWhole(value)) {
            digits((long) value);
            ascii(".0");
        } else {
            ascii(Double.isFinite(value) ? NumberOutput.toString(value, true) : Double.toString(value));
        }
        return this;
    }

    /** Bytes written so far. */
    int length() {
        return count;
    }

    /** What was written, with room for so many bytes behind it. */
    Buffer toBuffer(int more) {
        return Buffer.buffer(count + more).appendBytes(bytes, 0, count);
    }

    Buffer toBuffer() {
        return toBuffer(0);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, count, StandardCharsets.UTF_8);
    }

    private static boolean isSmallAndWhole(double value) {
        // Negative zero keeps its sign only as text.
        return value == (long) value && Math.abs(value) < SMALL && (value != 0 || 1 / value > 0);
    }

    private JsonWriter open(char bracket) {
        separate();
        put(bracket);
        commaIsDue = false;
        return this;
    }

    private JsonWriter close(char bracket) {
        put(bracket);
        commaIsDue = true;
        return this;
    }

    private void separate() {
        if (commaIsDue) {
            put(',');
        }
        commaIsDue = true;
    }

    private void escape(byte c) {
        reserve(6);
        bytes[count++] = '\\';
        switch (c) {
            case '"', '\\' -> bytes[count++] = c;
            case '\n' -> bytes[count++] = 'n';
            case '\r' -> bytes[count++] = 'r';
            case '\t' -> bytes[count++] = 't';
            default -> {
                bytes[count++] = 'u';
                bytes[count++] = '0';
                bytes[count++] = '0';
                bytes[count++] = HEX[c >> 4];
                bytes[count++] = HEX[c & 15];
            }
        }
    }

    private void digits(long value) {
        if (value == Long.MIN_VALUE) {
            ascii(Long.toString(value));
            return;
        }
        reserve(LONGEST_LONG);
        long rest = value;
        if (rest < 0) {
            bytes[count++] = '-';
            rest = -rest;
        }
        int from = count;
        do {
            bytes[count++] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
        for (int i = from, j = count - 1; i < j; i++, j--) {
            byte swapped = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = swapped;
        }
    }

    private void ascii(String text) {
        reserve(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes[count++] = (byte) text.charAt(i);
        }
    }

    private void put(char c) {
        reserve(1);
        bytes[count++] = (byte) c;
    }

    private void reserve(int more) {
        if (bytes.length - count < more) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(count, more), (int)
                    Math.min(bytes.length * 2L, Integer.MAX_VALUE - 16)));
        }
    }
}
