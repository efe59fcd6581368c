package turnout.gateway.edge.tfserving;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;

/**
 * A request body that is a JSON object: the whole of it was checked, and the members of interest were found. Of members with one name the
 * first counts; what follows the object is not looked at.
 */
final class JsonBody {
    private final byte[] text;
    private final Span whole;
    private final Map<String, Span> members;

    private JsonBody(byte[] text, Span whole, Map<String, Span> members) {
        this.text = text;
        this.whole = whole;
        this.members = members;
    }

    /**
     * Where a value stands.
     *
     * @param scalars how many values in it are neither list nor object
     */
    record Span(int from, int end, int scalars) {
        int length() {
            return end - from;
        }

        /** Bytes that one of so many tensors may need, if they share the scalars evenly. */
        int capacity(DataType type, int tensors) {
            int width = type.isFixedWidth() ? type.width() : Integer.BYTES;
            long strings = type.isFixedWidth() ? 0 : length();
            return (int) Math.min((scalars * (long) width + strings) / tensors, Integer.MAX_VALUE / 2);
        }
    }

    /**
     * Checks the body.
     *
     * @param names members of interest
     * @throws RefusedException when it is no JSON or no object
     */
    static JsonBody scan(byte[] text, Set<String> names) {
        boolean hasMark =
                text.length >= 3 && text[0] == (byte) 0xEF && text[1] == (byte) 0xBB && text[2] == (byte) 0xBF;
        JsonCursor cursor = new JsonCursor(text, hasMark ? 3 : 0, text.length);
        byte first = cursor.next();
        if (cursor.position() >= text.length) {
            throw malformed("JSON Parse error: The document is empty");
        }
        int start = cursor.position();
        if (first != '{') {
            throw malformed("JSON Value: " + cursor.quote() + " Is not object");
        }
        cursor.take();
        Map<String, Span> members = new HashMap<>();
        byte sign = cursor.next() == '}' ? cursor.take() : (byte) ',';
        while (sign == ',') {
            cursor.skipBlanks();
            int name = cursor.position();
            cursor.skipName();
            String known = known(text, name, cursor.position(), names);
            cursor.skipBlanks();
            int from = cursor.position();
            int scalars = cursor.scalars();
            cursor.skipValue();
            if (known != null) {
                members.putIfAbsent(known, new Span(from, cursor.position(), cursor.scalars() - scalars));
            }
            sign = cursor.next();
            if (sign != ',' && sign != '}') {
                throw malformed("JSON Parse error: Missing a comma or } after an object member. at offset: "
                        + cursor.position());
            }
            cursor.take();
        }
        return new JsonBody(text, new Span(start, cursor.position(), cursor.scalars()), members);
    }

    /** The name among those of interest, null if it is none; a name as long as the body is never copied. */
    private static @Nullable String known(byte[] text, int from, int end, Set<String> names) {
        if (end - from > 256) {
            return null;
        }
        String name = new JsonCursor(text, from, end).readString();
        return names.contains(name) ? name : null;
    }

    byte[] text() {
        return text;
    }

    /** Where that member's value stands, null if there is none. */
    @Nullable
    Span member(String name) {
        return members.get(name);
    }

    JsonCursor at(Span span) {
        return new JsonCursor(text, span.from(), span.end());
    }

    /** The body as it stands, cut to a length that suits a message. */
    String quote() {
        return at(whole).quote();
    }

    /** The member {@code signature_name}, null if there is none. */
    @Nullable
    String signatureName() {
        Span span = member("signature_name");
        if (span == null) {
            return null;
        }
        JsonCursor cursor = at(span);
        if (cursor.peek() != '"') {
            throw malformed("JSON Value: " + cursor.quote()
                    + " not formatted correctly. 'signature_name' key must be a string value.");
        }
        return cursor.readString();
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }
}
