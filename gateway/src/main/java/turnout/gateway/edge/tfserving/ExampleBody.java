package turnout.gateway.edge.tfserving;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.protocol.tensorflow.Example;
import turnout.protocol.tensorflow.Feature;
import turnout.protocol.tensorflow.Features;

/**
 * The body of a REST classify or regress: rows as objects of features, which become serialised {@code tf.Example} messages. The model
 * parses those itself, so no signature is needed here.
 *
 * @param signature the signature's name, null for the default one
 * @param examples one serialised message per row
 */
record ExampleBody(@Nullable String signature, List<ByteString> examples) {
    private static final String EXAMPLES = "examples";
    private static final String CONTEXT = "context";
    private static final Set<String> MEMBERS = Set.of("signature_name", EXAMPLES, CONTEXT);

    /** Checks the whole body and reads its rows. */
    static ExampleBody parse(byte[] text, Method method) {
        JsonBody body = JsonBody.scan(text, MEMBERS);
        String signature = body.signatureName();
        JsonBody.Span context = body.member(CONTEXT);
        ByteString shared =
                context == null ? ByteString.EMPTY : example(body.at(context)).toByteString();
        JsonBody.Span rows = body.member(EXAMPLES);
        if (rows == null) {
            throw malformed(body.quote() + " When method is "
                    + (method == Method.CLASSIFY ? "classify" : "regress")
                    + ", key 'examples' is expected and was not found");
        }
        JsonCursor cursor = body.at(rows);
        if (cursor.peek() != '[') {
            throw malformed(cursor.quote() + " Expecting 'examples' value to be an list/array");
        }
        cursor.take();
        if (cursor.next() == ']') {
            throw malformed("[] 'examples' value is an empty array");
        }
        List<ByteString> examples = new ArrayList<>();
        do {
            cursor.skipBlanks();
            examples.add(example(cursor).toByteString());
            cursor.skipBlanks();
        } while (cursor.take() == ',');
        return new ExampleBody(signature, ContextRows.of(shared, examples, text.length));
    }

    private static Example example(JsonCursor cursor) {
        if (cursor.peek() != '{') {
            throw malformed(cursor.quote() + " Example must be JSON object");
        }
        Features.Builder features = Features.newBuilder();
        cursor.take();
        while (cursor.next() != '}') {
            String name = cursor.readName();
            cursor.skipBlanks();
            if (features.containsFeature(name)) {
                cursor.skipValue();
            } else {
                features.putFeature(name, feature(cursor, name));
            }
            if (cursor.next() == ',') {
                cursor.take();
            }
        }
        cursor.take();
        return Example.newBuilder().setFeatures(features).build();
    }

    private static Feature feature(JsonCursor cursor, String name) {
        FeatureValues values = new FeatureValues(name);
        if (cursor.peek() != '[') {
            values.add(cursor);
            return values.toFeature();
        }
        cursor.take();
        if (cursor.next() == ']') {
            cursor.take();
            return values.toFeature();
        }
        do {
            cursor.skipBlanks();
            values.add(cursor);
            cursor.skipBlanks();
        } while (cursor.take() == ',');
        return values.toFeature();
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed("JSON Value: " + text));
    }
}
