package turnout.gateway.edge.tfserving;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import turnout.gateway.call.Inputs;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.Words;
import turnout.gateway.edge.DecodePool;
import turnout.spi.DataType;
import turnout.spi.Shapes;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/**
 * The list {@code instances}: one element per row, which is an object with one member per input or, where there is one input only, its
 * bare value. The first element decides which.
 */
final class RowInputs implements Inputs {
    private final JsonBody body;
    private final JsonBody.Span span;

    /**
     * @param span where the list stands; it has at least one element
     */
    RowInputs(JsonBody body, JsonBody.Span span) {
        this.body = body;
        this.span = span;
    }

    @Override
    public Map<String, Tensor> bind(Signature signature) {
        return new Reader(signature).read();
    }

    @Override
    public boolean isHeavy() {
        return span.length() > DecodePool.HEAVY_BYTES;
    }

    @Override
    public boolean allowsLooseShapes() {
        return true;
    }

    /** One reading of the list. */
    private final class Reader {
        private final Signature signature;
        private final JsonCursor cursor = body.at(span);
        // The list of rows is one level more.
        private final NestedLists lists = new NestedLists(Shapes.MAX_RANK - 1);
        private final Map<String, Column> columns = new LinkedHashMap<>();

        Reader(Signature signature) {
            this.signature = signature;
        }

        Map<String, Tensor> read() {
            cursor.take();
            cursor.skipBlanks();
            boolean isNamed = isNamed();
            if (!isNamed && signature.inputs().size() != 1) {
                throw malformed("instances is a plain list, but expecting list of objects as multiple input tensors"
                        + " required as per tensorinfo_map");
            }
            long row = 0;
            do {
                cursor.skipBlanks();
                if (isNamed() != isNamed) {
                    throw malformed(
                            isNamed
                                    ? "Expecting object but got list at item " + row + " of input list"
                                    : "Expecting value/list but got object at item " + row + " of input list");
                }
                if (isNamed) {
                    namedRow(row);
                } else {
                    plainRow(row);
                }
                row++;
                cursor.skipBlanks();
            } while (cursor.take() == ',');
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            columns.forEach((name, column) -> tensors.put(name, column.toTensor()));
            return tensors;
        }

        private boolean isNamed() {
            return cursor.peek() == '{' && !Base64Value.isAt(cursor);
        }

        private void plainRow(long row) {
            TensorSpec only = signature.inputs().values().iterator().next();
            add(only, row, "");
        }

        private void namedRow(long row) {
            int start = cursor.position();
            Set<String> names = new HashSet<>();
            cursor.take();
            while (cursor.next() != '}') {
                String name = cursor.readName();
                cursor.skipBlanks();
                TensorSpec spec = signature.inputs().get(name);
                if (spec == null) {
                    String shown = Words.cut(name);
                    throw malformed(row, " key: " + shown, "JSON object: does not have named input: " + shown);
                }
                if (names.add(name)) {
                    add(spec, row, " key: ");
                } else {
                    cursor.skipValue();
                }
                if (cursor.next() == ',') {
                    cursor.take();
                }
            }
            cursor.take();
            checkNames(names, row, start);
        }

        /** Inputs with a default may be left out, but then by every row. */
        private void checkNames(Set<String> names, long row, int start) {
            boolean lacks = !names.equals(columns.keySet());
            for (String name : signature.inputs().keySet()) {
                lacks |= !names.contains(name) && !signature.optionalInputs().contains(name);
            }
            for (Column column : columns.values()) {
                lacks |= column.rows != row + 1;
            }
            if (lacks) {
                cursor.moveTo(start);
                throw malformed("Failed to process element: " + row + " of 'instances' list. JSON object: "
                        + cursor.quote() + " keys must be equal to: "
                        + Failures.join(signature.inputs().keySet()));
            }
        }

        private void add(TensorSpec spec, long row, String keyMark) {
            Column column = columns.get(spec.name());
            if (column == null) {
                column = new Column(
                        spec.type(),
                        span.capacity(spec.type(), signature.inputs().size()));
                columns.put(spec.name(), column);
            }
            try {
                column.add(cursor, lists);
            } catch (RefusedException e) {
                throw malformed(
                        row,
                        keyMark.isEmpty() ? "" : keyMark + spec.name(),
                        e.refusal().message());
            }
        }

        private RefusedException malformed(long row, String key, String text) {
            return RowInputs.malformed("Failed to process element: " + row + key
                    + " of 'instances' list. Error: INVALID_ARGUMENT: " + text);
        }

        private RefusedException malformed(String text) {
            return RowInputs.malformed(text);
        }
    }

    /** The rows of one input, which must all have the shape of the first. */
    private static final class Column {
        private final ElementBuffer elements;
        private long[] shape = {};
        private long sizeOfRow;
        private long rows;

        Column(DataType type, int capacity) {
            elements = new ElementBuffer(type, capacity);
        }

        void add(JsonCursor cursor, NestedLists lists) {
            long before = elements.count();
            lists.read(cursor, elements);
            long size = elements.count() - before;
            if (rows == 0) {
                shape = lists.shape();
                sizeOfRow = size;
            } else if (size != sizeOfRow) {
                throw malformed("Expecting tensor size: " + sizeOfRow + " but got: " + size);
            } else if (!lists.hasShape(shape)) {
                throw malformed("Expecting shape " + Shapes.text(shape) + " but got: " + Shapes.text(lists.shape()));
            }
            rows++;
        }

        Tensor toTensor() {
            long[] stacked = new long[shape.length + 1];
            stacked[0] = rows;
            System.arraycopy(shape, 0, stacked, 1, shape.length);
            return elements.toTensor(stacked);
        }
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }
}
