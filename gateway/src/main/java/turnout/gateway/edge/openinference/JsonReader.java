package turnout.gateway.edge.openinference;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.RefusedException;

/**
 * A cursor over a JSON document that checks the grammar as it goes, tells byte positions, and never recurses.
 *
 * <p>By hand, since a skipped value may be nested to any depth: a bit per level is all that it costs here, where a streaming parser keeps
 * an object.
 */
final class JsonReader {
    private final JsonLexer lexer;

    /** Nothing was read since the last opening bracket, so no comma is due. */
    private boolean opened;

    JsonReader(byte[] text, int from, int to) {
        lexer = new JsonLexer(text, from, to);
    }

    /** Where the next byte to be read is. */
    int position() {
        return lexer.position();
    }

    /** The first byte of the next token, which is not taken. */
    byte peek() {
        return lexer.peek();
    }

    /** Refuses anything but blanks up to the end. */
    void finish() {
        lexer.finish();
    }

    /** Enters an object; the field's name is for the refusal of anything else. */
    void beginObject(String field) {
        begin('{', field, "an object");
    }

    /** The next key, null at the end of the object. */
    @Nullable
    String nextKey() {
        if (lexer.peek() == '}') {
            lexer.take();
            opened = false;
            return null;
        }
        separate();
        key();
        String key = lexer.string();
        colon();
        return key;
    }

    /** Enters an array; the field's name is for the refusal of anything else. */
    void beginArray(String field) {
        begin('[', field, "an array");
    }

    /** Whether another element follows; leaves the array if not. */
    boolean nextElement() {
        if (lexer.peek() == ']') {
            lexer.take();
            opened = false;
            return false;
        }
        separate();
        return true;
    }

    /** Takes {@code null} if it is next. */
    boolean takeNull() {
        if (lexer.peek() != 'n') {
            return false;
        }
        lexer.literal("null");
        return true;
    }

    /** The next value, which must be a string. */
    String string(String field) {
        if (lexer.peek() != '"') {
            throw mustBe(field, "a string");
        }
        lexer.scanString();
        return lexer.string();
    }

    /** The next value, which must be a boolean. */
    boolean bool(String field) {
        byte c = lexer.peek();
        if (c != 't' && c != 'f') {
            throw mustBe(field, "true or false");
        }
        lexer.literal(c == 't' ? "true" : "false");
        return c == 't';
    }

    /** The next value, which must be a whole number of 64 bits. */
    long integer(String field) {
        if (number(field) instanceof Long whole) {
            return whole;
        }
        throw mustBe(field, "a whole number");
    }

    /** The next value, which must be a number: a Long if it has neither fraction nor exponent, else a Double. */
    Object number(String field) {
        if (!JsonLexer.startsNumber(lexer.peek())) {
            throw mustBe(field, "a number");
        }
        lexer.scanNumber();
        if (!lexer.isIntegral()) {
            return Double.valueOf(lexer.number());
        }
        try {
            return Long.valueOf(lexer.number());
        } catch (NumberFormatException e) {
            throw mustBe(field, "a number of 64 bits");
        }
    }

    /** Passes one value of any kind and any depth, and refuses it where it is malformed. */
    void skipValue() {
        BitSet objects = new BitSet();
        int depth = 0;
        while (true) {
            byte c = lexer.peek();
            if (c == '{' || c == '[') {
                lexer.take();
                if (lexer.peek() == (c == '{' ? '}' : ']')) {
                    lexer.take();
                } else {
                    objects.set(depth++, c == '{');
                    keyWithin(objects, depth);
                    continue;
                }
            } else {
                boolean inList = depth > 0 && !objects.get(depth - 1);
                if (!inList || !lexer.skipNumbers()) {
                    skipScalar(c);
                }
            }
            depth = close(objects, depth);
            if (depth == 0) {
                return;
            }
            keyWithin(objects, depth);
        }
    }

    /** Leaves the brackets that end here and takes the comma behind them. Returns the depth that is left, 0 if the value is over. */
    private int close(BitSet objects, int from) {
        int depth = from;
        while (depth > 0) {
            byte c = lexer.peek();
            if (c == ',') {
                lexer.take();
                return depth;
            }
            if (c != (objects.get(depth - 1) ? '}' : ']')) {
                throw lexer.wrong("expected ',' or a closing bracket");
            }
            lexer.take();
            depth--;
        }
        return 0;
    }

    private void keyWithin(BitSet objects, int depth) {
        if (objects.get(depth - 1)) {
            key();
            colon();
        }
    }

    private void skipScalar(byte c) {
        switch (c) {
            case '"' -> lexer.scanString();
            case 't' -> lexer.literal("true");
            case 'f' -> lexer.literal("false");
            case 'n' -> lexer.literal("null");
            default -> {
                if (!JsonLexer.startsNumber(c)) {
                    throw lexer.wrong("expected a value");
                }
                lexer.scanNumber();
            }
        }
    }

    private void begin(char bracket, String field, String kind) {
        if (lexer.peek() != bracket) {
            throw mustBe(field, kind);
        }
        lexer.take();
        opened = true;
    }

    private void separate() {
        if (!opened) {
            if (lexer.peek() != ',') {
                throw lexer.wrong("expected ',' or a closing bracket");
            }
            lexer.take();
        }
        opened = false;
    }

    private void colon() {
        if (lexer.peek() != ':') {
            throw lexer.wrong("expected ':'");
        }
        lexer.take();
    }

    private void key() {
        if (lexer.peek() != '"') {
            throw lexer.wrong("expected a key");
        }
        lexer.scanString();
    }

    private static RefusedException mustBe(String field, String kind) {
        return Asked.malformed("'" + field + "' must be " + kind);
    }
}
