package turnout.gateway.edge.tfserving;

/** Tells UTF-8 from other bytes. */
final class Utf8 {
    private Utf8() {}

    /** Bytes of the character that starts here, 0 when it is none: too short, too long, a surrogate, beyond Unicode. */
    static int sequenceLength(byte[] text, int at, int end) {
        int first = text[at] & 0xFF;
        if (first < 0x80) {
            return 1;
        }
        int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || first > 0xF4 || end - at < length) {
            return 0;
        }
        int second = text[at + 1] & 0xFF;
        int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < least || second > most) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((text[at + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /** Whether all of it is. */
    static boolean isValid(byte[] text, int from, int end) {
        int at = from;
        while (at < end) {
            int length = sequenceLength(text, at, end);
            if (length == 0) {
                return false;
            }
            at += length;
        }
        return true;
    }
}
