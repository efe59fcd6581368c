package turnout.gateway.edge.tfserving;

import java.util.LinkedHashMap;
import java.util.Map;
import turnout.gateway.call.Inputs;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.edge.DecodePool;
import turnout.spi.Shapes;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/**
 * The member {@code inputs}: an object with one tensor per input, or one bare tensor where there is one input only. Names that the
 * signature does not have are ignored, as TensorFlow Serving does.
 */
final class ColumnInputs implements Inputs {
    private final JsonBody body;
    private final JsonBody.Span span;

    ColumnInputs(JsonBody body, JsonBody.Span span) {
        this.body = body;
        this.span = span;
    }

    @Override
    public Map<String, Tensor> bind(Signature signature) {
        JsonCursor cursor = body.at(span);
        if (cursor.peek() == '{' && !Base64Value.isAt(cursor)) {
            return named(cursor, signature);
        }
        if (signature.inputs().size() != 1) {
            throw malformed("inputs is a plain value/list, but expecting an object as multiple input tensors required"
                    + " as per tensorinfo_map");
        }
        TensorSpec only = signature.inputs().values().iterator().next();
        return Map.of(only.name(), tensor(cursor, only, signature));
    }

    @Override
    public boolean isHeavy() {
        return span.length() > DecodePool.HEAVY_BYTES;
    }

    @Override
    public boolean allowsLooseShapes() {
        return true;
    }

    private Map<String, Tensor> named(JsonCursor cursor, Signature signature) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        cursor.take();
        while (cursor.next() != '}') {
            String name = cursor.readName();
            cursor.skipBlanks();
            TensorSpec spec = signature.inputs().get(name);
            if (spec == null || tensors.containsKey(name)) {
                cursor.skipValue();
            } else {
                tensors.put(name, tensor(cursor, spec, signature));
            }
            if (cursor.next() == ',') {
                cursor.take();
            }
        }
        for (String name : signature.inputs().keySet()) {
            if (!tensors.containsKey(name) && !signature.optionalInputs().contains(name)) {
                throw malformed("Missing named input: " + name + " in 'inputs' object.");
            }
        }
        return tensors;
    }

    private Tensor tensor(JsonCursor cursor, TensorSpec spec, Signature signature) {
        ElementBuffer elements = new ElementBuffer(
                spec.type(), span.capacity(spec.type(), signature.inputs().size()));
        NestedLists lists = new NestedLists(Shapes.MAX_RANK);
        lists.read(cursor, elements);
        return elements.toTensor(lists.shape());
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }
}
