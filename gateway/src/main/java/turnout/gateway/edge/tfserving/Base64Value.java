package turnout.gateway.edge.tfserving;

import java.util.Arrays;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;

/**
 * Reads {@code {"b64": "..."}}: the standard alphabet, blanks between, padding (by {@code =} or {@code .}) left out or exact. Not {@link
 * java.util.Base64}, whose decoders take either no blanks or any sign at all.
 */
final class Base64Value {
    private static final byte[] VALUES = values();

    private Base64Value() {}

    /** Whether the value at the cursor, which was passed before, is an object with one member {@code b64} that is a string. */
    static boolean isAt(JsonCursor cursor) {
        int start = cursor.position();
        try {
            boolean isNamed = cursor.take() == '{'
                    && cursor.next() == '"'
                    && cursor.readName().equals("b64");
            if (!isNamed || cursor.next() != '"') {
                return false;
            }
            cursor.skipString();
            return cursor.next() == '}';
        } finally {
            cursor.moveTo(start);
        }
    }

    /** Appends the bytes of the object at the cursor, which was checked to be JSON before. */
    static void read(JsonCursor cursor, ByteSink into) {
        if (!isAt(cursor)) {
            throw new RefusedException(new Refusal.Malformed(
                    "JSON Value: " + cursor.quote() + " not formatted correctly for base64 data"));
        }
        cursor.take();
        cursor.skipBlanks();
        cursor.skipName();
        cursor.skipBlanks();
        int start = cursor.position();
        ByteSink encoded = new ByteSink(256);
        cursor.readString(encoded);
        if (!decode(encoded.array(), encoded.size(), into)) {
            cursor.moveTo(start);
            throw new RefusedException(new Refusal.Malformed("Unable to base64 decode: JSON Value: " + cursor.quote()));
        }
        cursor.skipBlanks();
        cursor.take();
    }

    private static boolean decode(byte[] text, int end, ByteSink into) {
        int bits = 0;
        int letters = 0;
        int padding = 0;
        for (int i = 0; i < end; i++) {
            byte sign = text[i];
            if (sign == ' ' || (sign >= '\t' && sign <= '\r')) {
                continue;
            }
            if (sign == '=' || sign == '.') {
                padding++;
                continue;
            }
            int value = sign < 0 ? -1 : VALUES[sign];
            if (value < 0 || padding > 0) {
                return false;
            }
            bits = bits << 6 | value;
            letters++;
            if (letters % 4 == 0) {
                into.put(bits >> 16);
                into.put(bits >> 8);
                into.put(bits);
            }
        }
        return flush(bits, letters % 4, into) && (padding == 0 || padding == (4 - letters % 4) % 4);
    }

    private static boolean flush(int bits, int letters, ByteSink into) {
        switch (letters) {
            case 1 -> {
                return false;
            }
            case 2 -> into.put(bits >> 4);
            case 3 -> {
                into.put(bits >> 10);
                into.put(bits >> 2);
            }
            default -> {}
        }
        return true;
    }

    private static byte[] values() {
        byte[] values = new byte[128];
        Arrays.fill(values, (byte) -1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < alphabet.length(); i++) {
            values[alphabet.charAt(i)] = (byte) i;
        }
        return values;
    }
}
