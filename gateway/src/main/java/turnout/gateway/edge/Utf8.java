package turnout.gateway.edge;

/** What counts as UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
public final class Utf8 {
    private Utf8() {}

    /** Bytes of the well-formed sequence that starts there, 0 if it is not one. */
    public static int sequence(byte[] text, int at, int end) {
        int first = text[at] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        int length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (length == 0 || at + length > end) {
            return 0;
        }
        int second = text[at + 1] & 0xff;
        int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < low || second > high) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((text[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /** Whether all of it is well-formed. */
    public static boolean isValid(byte[] text, int from, int end) {
        int at = from;
        while (at < end) {
            int length = sequence(text, at, end);
            if (length == 0) {
                return false;
            }
            at += length;
        }
        return true;
    }

    /** Writes a code point; the target has room for four bytes. Returns where the next one goes. */
    public static int put(int point, byte[] target, int at) {
        int next = at;
        if (point < 0x80) {
            target[next++] = (byte) point;
            return next;
        }
        if (point < 0x800) {
            target[next++] = (byte) (0xc0 | point >> 6);
        } else if (point < 0x10000) {
            target[next++] = (byte) (0xe0 | point >> 12);
            target[next++] = (byte) (0x80 | (point >> 6 & 0x3f));
        } else {
            target[next++] = (byte) (0xf0 | point >> 18);
            target[next++] = (byte) (0x80 | (point >> 12 & 0x3f));
            target[next++] = (byte) (0x80 | (point >> 6 & 0x3f));
        }
        target[next++] = (byte) (0x80 | (point & 0x3f));
        return next;
    }
}
