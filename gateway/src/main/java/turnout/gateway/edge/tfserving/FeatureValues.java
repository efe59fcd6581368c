package turnout.gateway.edge.tfserving;

import ch.randelshofer.fastdoubleparser.JavaFloatParser;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.Words;
import turnout.protocol.tensorflow.BytesList;
import turnout.protocol.tensorflow.Feature;
import turnout.protocol.tensorflow.FloatList;
import turnout.protocol.tensorflow.Int64List;

/** The values of one feature: the first one says whether they are integers, decimals or bytes. */
final class FeatureValues {
    private final String name;
    private final Int64List.Builder integers = Int64List.newBuilder();
    private final FloatList.Builder decimals = FloatList.newBuilder();
    private final BytesList.Builder strings = BytesList.newBuilder();
    private @Nullable Kind kind;

    private enum Kind {
        INT64("int64"),
        FLOAT("float"),
        BYTES("bytes");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    FeatureValues(String name) {
        this.name = name;
    }

    /** Reads the value at the cursor, which was checked to be JSON before. */
    void add(JsonCursor cursor) {
        int start = cursor.position();
        switch (cursor.kind()) {
            case "True", "False" -> {
                expect(Kind.INT64, cursor);
                integers.addValue(cursor.peek() == 't' ? 1 : 0);
                cursor.skipValue();
            }
            case "String" -> {
                expect(Kind.BYTES, cursor);
                ByteSink content = new ByteSink(32);
                cursor.readString(content);
                strings.addValue(ByteString.copyFrom(content.array(), 0, content.size()));
            }
            case "Number" -> number(cursor, start);
            default -> base64(cursor);
        }
    }

    /** With no value at all the kind stays open, and the model takes its default. */
    Feature toFeature() {
        Kind known = kind;
        if (known == null) {
            return Feature.getDefaultInstance();
        }
        Feature.Builder feature = Feature.newBuilder();
        return switch (known) {
            case INT64 -> feature.setInt64List(integers).build();
            case FLOAT -> feature.setFloatList(decimals).build();
            case BYTES -> feature.setBytesList(strings).build();
        };
    }

    private void base64(JsonCursor cursor) {
        if (cursor.peek() != '{' || !Base64Value.isAt(cursor)) {
            throw malformed(cursor, " unexpected JSON type: " + cursor.kind());
        }
        expect(Kind.BYTES, cursor);
        ByteSink content = new ByteSink(32);
        Base64Value.read(cursor, content);
        strings.addValue(ByteString.copyFrom(content.array(), 0, content.size()));
    }

    private void number(JsonCursor cursor, int start) {
        cursor.skipNumber();
        String token = new String(cursor.text(), start, cursor.position() - start, StandardCharsets.US_ASCII);
        int end = cursor.position();
        cursor.moveTo(start);
        if (token.matches("-?[0-9]+")) {
            expect(Kind.INT64, cursor);
            try {
                integers.addValue(Long.parseLong(token));
            } catch (NumberFormatException e) {
                throw malformed(cursor, " Only int64_t is supported for integer values");
            }
        } else {
            expect(Kind.FLOAT, cursor);
            decimals.addValue(decimal(token));
        }
        cursor.moveTo(end);
    }

    private static float decimal(String token) {
        return switch (token) {
            case "NaN" -> Float.NaN;
            case "Inf", "Infinity" -> Float.POSITIVE_INFINITY;
            case "-Inf", "-Infinity" -> Float.NEGATIVE_INFINITY;
            default -> JavaFloatParser.parseFloat(token);
        };
    }

    private void expect(Kind wanted, JsonCursor cursor) {
        Kind known = kind;
        if (known == null) {
            kind = wanted;
        } else if (known != wanted) {
            throw malformed(cursor, " unexpected JSON type: " + cursor.kind() + ", expecting type: " + known.word);
        }
    }

    private RefusedException malformed(JsonCursor cursor, String text) {
        return new RefusedException(
                new Refusal.Malformed("Feature: " + Words.cut(name) + " JSON Value: " + quote(cursor) + text));
    }

    private static String quote(JsonCursor cursor) {
        int start = cursor.position();
        String quoted = cursor.quote();
        cursor.moveTo(start);
        return quoted;
    }
}
