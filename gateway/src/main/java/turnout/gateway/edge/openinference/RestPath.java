package turnout.gateway.edge.openinference;

import java.nio.charset.StandardCharsets;
import java.util.List;
import turnout.gateway.edge.Utf8;

/** The segments of a path, told apart before anything is decoded, so that an encoded slash stays part of a name. */
record RestPath(List<String> segments) {
    /** Of a path that starts with a slash. */
    static RestPath of(String path) {
        return new RestPath(List.of(path.substring(1).split("/", -1)));
    }

    int length() {
        return segments.size();
    }

    boolean has(int index, String word) {
        return segments.get(index).equals(word);
    }

    boolean hasEmptySegment() {
        return segments.contains("");
    }

    /** The segment as it stands on the wire. */
    String word(int index) {
        return segments.get(index);
    }

    /** The segment, decoded once. What comes out is a name to be looked up, whatever is in it. */
    String name(int index) {
        byte[] raw = segments.get(index).getBytes(StandardCharsets.UTF_8);
        byte[] plain = new byte[raw.length];
        int count = 0;
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] != '%') {
                plain[count++] = raw[i];
                continue;
            }
            int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw Asked.malformed("the path has a malformed percent escape");
            }
            plain[count++] = (byte) (high << 4 | low);
            i += 2;
        }
        for (int i = 0; i < count; ) {
            int length = Utf8.sequence(plain, i, count);
            if (length == 0) {
                throw Asked.malformed("the path is not UTF-8");
            }
            i += length;
        }
        return new String(plain, 0, count, StandardCharsets.UTF_8);
    }
}
