package turnout.gateway.edge.tfserving;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.edge.NumberText;
import turnout.gateway.edge.Utf8;

/**
 * Walks over JSON text and checks what it passes, in the reading of RapidJSON as TensorFlow Serving sets it up: {@code NaN}, {@code
 * Infinity} and {@code Inf} are numbers, nesting has no limit, nothing is read past the value. Errors carry RapidJSON's words.
 *
 * <p>By hand, not by Jackson's parser: that one knows no {@code Inf}, turns {@code 1e400} into infinity and reports other offsets.
 */
final class JsonCursor {
    private static final int LONGEST_NUMBER = 1024;
    private static final int LONGEST_QUOTE = 256;
    /** No number with fewer digits and no exponent can exceed a double. */
    private static final int SAFE_DIGITS = 300;

    private final byte[] text;
    private final int end;
    private final NumberText numbers;
    private int at;
    private int scalars;

    JsonCursor(byte[] text, int from, int end) {
        this.text = text;
        this.at = from;
        this.end = end;
        this.numbers = new NumberText(text, end);
    }

    int position() {
        return at;
    }

    void moveTo(int position) {
        at = position;
    }

    byte[] text() {
        return text;
    }

    /** The byte at the cursor, 0 at the end. */
    byte peek() {
        return at < end ? text[at] : 0;
    }

    /** The byte at the cursor, which moves on. */
    byte take() {
        byte b = peek();
        at++;
        return b;
    }

    void skipBlanks() {
        while (at < end && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) {
            at++;
        }
    }

    /** Moves to the next sign that is no blank, and says which it is. */
    byte next() {
        skipBlanks();
        return peek();
    }

    /** Passes one value. Iterative: a client may nest as deep as its body is long. */
    void skipValue() {
        BitSet objects = new BitSet();
        int depth = 0;
        while (true) {
            byte first = next();
            if (first == '{' || first == '[') {
                at++;
                objects.set(depth++, first == '{');
                if (next() != (first == '{' ? '}' : ']')) {
                    if (first == '{') {
                        skipName();
                    }
                    continue;
                }
            } else {
                skipScalars(first, objects, depth);
            }
            depth = leave(objects, depth);
            if (depth == 0) {
                return;
            }
        }
    }

    /** After a value: passes closing brackets up to the next element, whose depth is returned; 0 when all is closed. */
    private int leave(BitSet objects, int depthBefore) {
        int depth = depthBefore;
        while (depth > 0) {
            boolean inObject = objects.get(depth - 1);
            byte sign = next();
            if (sign == ',') {
                at++;
                if (inObject) {
                    skipBlanks();
                    skipName();
                }
                return depth;
            }
            if (sign != (inObject ? '}' : ']')) {
                throw error(
                        inObject
                                ? "Missing a comma or } after an object member."
                                : "Missing a comma or ] after an array element.");
            }
            at++;
            depth--;
        }
        return 0;
    }

    /** Passes a member's name and the colon. */
    void skipName() {
        if (peek() != '"') {
            throw error("Missing a name for object member.");
        }
        skipString();
        if (next() != ':') {
            throw error("Missing a colon after a name of object member.");
        }
        at++;
    }

    /** How many values that are neither list nor object {@link #skipValue} has passed in all. */
    int scalars() {
        return scalars + numbers.passed();
    }

    /** Passes a scalar at least, and in a list the numbers that follow, which are nearly all of a large body. */
    private void skipScalars(byte first, BitSet objects, int depth) {
        if (NumberText.mayStart(first) && depth > 0 && !objects.get(depth - 1)) {
            int start = at;
            boolean inLists = depth > 1 && !objects.get(depth - 2);
            at = inLists ? numbers.passLists(at) : numbers.passList(at);
            if (at > start) {
                return;
            }
        }
        scalars++;
        switch (first) {
            case '"' -> skipString();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> skipNumber();
        }
    }

    private void word(String word) {
        int start = at;
        for (int i = 0; i < word.length(); i++) {
            if (take() != word.charAt(i)) {
                at = start;
                throw error("Invalid value.");
            }
        }
    }

    /** Passes a number at the cursor. */
    void skipNumber() {
        int start = at;
        if (peek() == 'N') {
            word("NaN");
            return;
        }
        if (peek() == '-') {
            at++;
        }
        if (peek() == 'I') {
            word("Inf");
            if (peek() == 'i') {
                word("inity");
            }
            return;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits("Invalid value.");
        }
        boolean isSafe = at - start < SAFE_DIGITS;
        if (peek() == '.') {
            at++;
            digits("Miss fraction part in number.");
        }
        if (peek() == 'e' || peek() == 'E') {
            isSafe = false;
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits("Miss exponent in number.");
        }
        checkNumber(start, isSafe);
    }

    /** Whether the value at the cursor, which was checked before, is a number with digits. */
    boolean isAtNumber() {
        return isDigit(peek()) || (peek() == '-' && isDigit(text[at + 1]));
    }

    /** Reads a number with digits, which was checked before. */
    NumberText readNumber() {
        at = numbers.read(at);
        return numbers;
    }

    /** Appends floats of a list that was checked before, those that are simple and for which there is room. Returns how many. */
    int readFloats(ByteSink into) {
        int count = numbers.readFloats(at, into.array(), into.size(), into.room() / Float.BYTES);
        into.grow(count * Float.BYTES);
        at = numbers.position();
        return count;
    }

    private void checkNumber(int start, boolean isSafe) {
        if (at - start > LONGEST_NUMBER) {
            throw error("Number of more than " + LONGEST_NUMBER + " characters.");
        }
        if (!isSafe && Double.isInfinite(JavaDoubleParser.parseDouble(text, start, at - start))) {
            at = start;
            throw error("Number too big to be stored in double.");
        }
    }

    private void digits(String otherwise) {
        if (!isDigit(peek())) {
            throw error(otherwise);
        }
        while (at < end && isDigit(text[at])) {
            at++;
        }
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Passes a string at the cursor. */
    void skipString() {
        at++;
        while (true) {
            if (at >= end) {
                throw error("Missing a closing quotation mark in string.");
            }
            byte b = text[at];
            if (b == '"') {
                at++;
                return;
            }
            if (b == '\\') {
                escape();
            } else if (b >= 0x20) {
                at++;
            } else if (b >= 0) {
                throw error(b == 0 ? "Missing a closing quotation mark in string." : "Invalid encoding in string.");
            } else {
                int length = Utf8.sequence(text, at, end);
                if (length == 0) {
                    throw error("Invalid encoding in string.");
                }
                at += length;
            }
        }
    }

    private void escape() {
        int start = at;
        at++;
        switch (take()) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {}
            case 'u' -> {
                int unit = hex();
                if (Character.isSurrogate((char) unit)) {
                    boolean pairs = Character.isHighSurrogate((char) unit)
                            && take() == '\\'
                            && take() == 'u'
                            && Character.isLowSurrogate((char) hex());
                    if (!pairs) {
                        at = start;
                        throw error("The surrogate pair in string is invalid.");
                    }
                }
            }
            default -> {
                at = start;
                throw error("Invalid escape character in string.");
            }
        }
    }

    private int hex() {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw error("Incorrect hex digit after \\u escape in string.");
            }
            at++;
            unit = unit << 4 | digit;
        }
        return unit;
    }

    /** Appends the content of a string that was passed before, and passes it again. */
    void readString(ByteSink into) {
        at++;
        while (true) {
            int start = at;
            while (text[at] != '"' && text[at] != '\\') {
                at++;
            }
            into.put(text, start, at - start);
            if (text[at] == '"') {
                at++;
                return;
            }
            at++;
            readEscape(into);
        }
    }

    private void readEscape(ByteSink into) {
        byte sign = take();
        switch (sign) {
            case 'b' -> into.put('\b');
            case 'f' -> into.put('\f');
            case 'n' -> into.put('\n');
            case 'r' -> into.put('\r');
            case 't' -> into.put('\t');
            case 'u' -> {
                char unit = (char) hex();
                String letter = Character.toString(unit);
                if (Character.isHighSurrogate(unit)) {
                    at += 2;
                    letter = letter + (char) hex();
                }
                byte[] encoded = letter.getBytes(StandardCharsets.UTF_8);
                into.put(encoded, 0, encoded.length);
            }
            default -> into.put(sign);
        }
    }

    /** Reads a string that was passed before. */
    String readString() {
        ByteSink content = new ByteSink(32);
        readString(content);
        return new String(content.array(), 0, content.size(), StandardCharsets.UTF_8);
    }

    /** Reads a member's name that was passed before, and passes the colon. */
    String readName() {
        String name = readString();
        skipBlanks();
        at++;
        return name;
    }

    /** RapidJSON's name for the kind of value at the cursor. */
    String kind() {
        return switch (peek()) {
            case '{' -> "Object";
            case '[' -> "Array";
            case '"' -> "String";
            case 't' -> "True";
            case 'f' -> "False";
            case 'n' -> "Null";
            default -> "Number";
        };
    }

    /** The value at the cursor as it stands in the text, cut to a length that suits a message; it is passed. */
    String quote() {
        int start = at;
        skipValue();
        int cut = Math.min(at, start + LONGEST_QUOTE);
        while (cut > start && cut < at && (text[cut] & 0xC0) == 0x80) {
            cut--;
        }
        return new String(text, start, cut - start, StandardCharsets.UTF_8) + (cut < at ? "..." : "");
    }

    private RefusedException error(String reason) {
        return new RefusedException(
                new Refusal.Malformed("JSON Parse error: " + reason + " at offset: " + Math.min(at, end)));
    }
}
