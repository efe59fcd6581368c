package turnout.gateway.edge.openinference;

import java.nio.charset.StandardCharsets;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.edge.NumberText;
import turnout.gateway.edge.Utf8;

/**
 * The tokens of JSON text in UTF-8, each checked as it is taken. {@code NaN}, {@code Infinity} and {@code -Infinity} are taken as numbers,
 * which clients write and read as such.
 */
final class JsonLexer {
    private static final int LONGEST_NUMBER = 1024;

    private final byte[] text;
    private final int end;
    private final NumberText numbers;
    private int at;

    // The scalar taken last: without its quotes if it is a string.
    private int tokenFrom;
    private int tokenTo;
    private boolean escaped;
    private boolean integral;

    JsonLexer(byte[] text, int from, int to) {
        this.text = text;
        this.at = from;
        this.end = to;
        this.numbers = new NumberText(text, to);
    }

    /** Where the next byte to be read is. */
    int position() {
        return at;
    }

    /** The first byte of the next token, which is not taken. */
    byte peek() {
        while (at < end) {
            byte c = text[at];
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return c;
            }
            at++;
        }
        throw wrong("it ends too early");
    }

    /** Takes the byte that was peeked at. */
    void take() {
        at++;
    }

    /** Refuses anything but blanks up to the end. */
    void finish() {
        while (at < end) {
            byte c = text[at];
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                throw wrong("something follows its end");
            }
            at++;
        }
    }

    byte[] text() {
        return text;
    }

    int tokenFrom() {
        return tokenFrom;
    }

    int tokenTo() {
        return tokenTo;
    }

    /** Whether the number taken last has neither fraction nor exponent. */
    boolean isIntegral() {
        return integral;
    }

    /** Whether a number may start with that byte. */
    static boolean startsNumber(byte c) {
        return c == '-' || isDigit(c) || c == 'N' || c == 'I';
    }

    /** The number taken last, as written. */
    String number() {
        return new String(text, tokenFrom, tokenTo - tokenFrom, StandardCharsets.US_ASCII);
    }

    /** The string taken last. */
    String string() {
        if (!escaped) {
            return new String(text, tokenFrom, tokenTo - tokenFrom, StandardCharsets.UTF_8);
        }
        byte[] plain = new byte[tokenTo - tokenFrom];
        return new String(plain, 0, unescape(plain, 0), StandardCharsets.UTF_8);
    }

    /** Writes the string taken last as UTF-8 into the target, which has room for its text. Returns how many bytes. */
    int string(byte[] target, int offset) {
        if (escaped) {
            return unescape(target, offset) - offset;
        }
        System.arraycopy(text, tokenFrom, target, offset, tokenTo - tokenFrom);
        return tokenTo - tokenFrom;
    }

    /** Takes that word. */
    void literal(String word) {
        if (end - at < word.length()) {
            throw wrong("unknown word");
        }
        for (int i = 0; i < word.length(); i++) {
            if (text[at + i] != word.charAt(i)) {
                throw wrong("unknown word");
            }
        }
        at += word.length();
        if (at < end && Character.isLetterOrDigit(text[at])) {
            throw wrong("unknown word");
        }
    }

    /** Takes a number, which was peeked at. */
    void scanNumber() {
        tokenFrom = at;
        integral = false;
        if (text[at] == '-') {
            at++;
        }
        byte first = at < end ? text[at] : 0;
        if (first == 'I') {
            literal("Infinity");
        } else if (first == 'N' && tokenFrom == at) {
            literal("NaN");
        } else {
            digits();
            if (first == '0' && at - tokenFrom > (text[tokenFrom] == '-' ? 2 : 1)) {
                throw wrong("a number with a leading zero");
            }
            integral = true;
            fractionAndExponent();
        }
        tokenTo = at;
        if (tokenTo - tokenFrom > LONGEST_NUMBER) {
            throw wrong("a number of more than " + LONGEST_NUMBER + " characters");
        }
        if (at < end && (Character.isLetterOrDigit(text[at]) || text[at] == '.' || text[at] == '-')) {
            throw wrong("a malformed number");
        }
    }

    /** Takes the numbers of a list that start here and are plain. Says whether there was one. */
    boolean skipNumbers() {
        int from = at;
        at = numbers.passList(from);
        return at > from;
    }

    /** Whether a number with digits is next. */
    boolean isAtNumber() {
        return at + 1 < end && isDigit(text[text[at] == '-' ? at + 1 : at]);
    }

    /** Takes a number with digits, which was checked before. */
    NumberText readNumber() {
        tokenFrom = at;
        at = numbers.read(at);
        tokenTo = at;
        return numbers;
    }

    /** Takes floats of a list that was checked before, those that are simple. Returns how many were put there. */
    int readFloats(byte[] into, int offset, int most) {
        int count = numbers.readFloats(at, into, offset, most);
        at = numbers.position();
        return count;
    }

    private void fractionAndExponent() {
        if (at < end && text[at] == '.') {
            at++;
            digits();
            integral = false;
        }
        if (at < end && (text[at] == 'e' || text[at] == 'E')) {
            at++;
            if (at < end && (text[at] == '+' || text[at] == '-')) {
                at++;
            }
            digits();
            integral = false;
        }
    }

    private void digits() {
        int from = at;
        while (at < end && isDigit(text[at])) {
            at++;
        }
        if (at == from) {
            throw wrong("a malformed number");
        }
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    /** Takes a string, which was peeked at. */
    void scanString() {
        int i = at + 1;
        tokenFrom = i;
        escaped = false;
        while (i < end) {
            byte c = text[i];
            if (c == '"') {
                tokenTo = i;
                at = i + 1;
                return;
            }
            if (c == '\\') {
                escaped = true;
                i = escape(i);
            } else if (c >= 0x20) {
                i++;
            } else {
                int length = c < 0 ? Utf8.sequence(text, i, end) : 0;
                if (length == 0) {
                    at = i;
                    throw wrong(c < 0 ? "not UTF-8" : "a control character in a string");
                }
                i += length;
            }
        }
        at = end;
        throw wrong("it ends too early");
    }

    /** Checks the escape that starts at the backslash and returns where it ends. */
    private int escape(int backslash) {
        int kind = backslash + 1 < end ? text[backslash + 1] : 0;
        if (kind == 'u' && backslash + 6 <= end && unit(backslash + 2) >= 0) {
            return backslash + 6;
        }
        if (kind != 0 && "\"\\/bfnrt".indexOf(kind) >= 0) {
            return backslash + 2;
        }
        at = backslash;
        throw wrong("a malformed escape");
    }

    private int unescape(byte[] target, int offset) {
        int to = offset;
        int i = tokenFrom;
        while (i < tokenTo) {
            if (text[i] != '\\') {
                target[to++] = text[i++];
                continue;
            }
            int kind = text[i + 1];
            if (kind != 'u') {
                target[to++] = (byte) plain(kind);
                i += 2;
                continue;
            }
            int point = unit(i + 2);
            int length = 6;
            if (Character.isSurrogate((char) point)) {
                boolean paired = i + 12 <= tokenTo && text[i + 6] == '\\' && text[i + 7] == 'u';
                int second = paired ? unit(i + 8) : 0;
                if (!Character.isSurrogatePair((char) point, (char) second)) {
                    throw wrong("half of a surrogate pair");
                }
                point = Character.toCodePoint((char) point, (char) second);
                length = 12;
            }
            to = Utf8.put(point, target, to);
            i += length;
        }
        return to;
    }

    private static char plain(int kind) {
        return switch (kind) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> (char) kind;
        };
    }

    /** The four hexadecimal digits there, -1 if they are none. */
    private int unit(int from) {
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = text[i] < 0 ? -1 : Character.digit(text[i], 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** A refusal that says where. */
    RefusedException wrong(String reason) {
        return new RefusedException(
                new Refusal.Malformed("failed to parse the request JSON: " + reason + " at byte " + at));
    }
}
