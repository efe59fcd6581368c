package turnout.gateway.edge.openinference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import turnout.spi.DataType;
import turnout.spi.Shapes;

/**
 * What an inference request says before the model is known: names, types, shapes, and where the values of each input lie in the body.
 *
 * @param id empty if it has none
 * @param parameters sorted
 * @param inputs in the order given, no name twice
 * @param outputs in the order given; empty for all
 */
record JsonRequest(String id, RequestParameters parameters, List<JsonInput> inputs, List<OutputAsk> outputs) {
    /**
     * Reads a request.
     *
     * @param model for messages
     * @param jsonBytes how much of the body is JSON; the bytes of binary inputs follow
     */
    static JsonRequest read(String model, byte[] body, int jsonBytes) {
        return new Parser(model, body, jsonBytes).read();
    }

    private static final class Parser {
        private static final int HIGHEST_RANK = Shapes.MAX_RANK;

        private final String model;
        private final byte[] body;
        private final JsonReader in;
        private int nextBinary;

        Parser(String model, byte[] body, int jsonBytes) {
            this.model = model;
            this.body = body;
            this.in = new JsonReader(body, 0, jsonBytes);
            this.nextBinary = jsonBytes;
        }

        JsonRequest read() {
            if (body.length == 0) {
                throw Asked.malformed("the request body is empty: expected a JSON object with 'inputs'");
            }
            String id = "";
            Map<String, Object> parameters = Map.of();
            List<JsonInput> inputs = null;
            List<OutputAsk> outputs = List.of();
            Once keys = new Once();
            in.beginObject("the request");
            for (String key = in.nextKey(); key != null; key = in.nextKey()) {
                keys.add(key);
                switch (key) {
                    case "id" -> id = in.takeNull() ? "" : in.string(key);
                    case "parameters" -> parameters = in.takeNull() ? Map.of() : parameters(key);
                    case "inputs" -> inputs = inputs();
                    case "outputs" -> outputs = in.takeNull() ? List.of() : outputs();
                    default -> in.skipValue();
                }
            }
            in.finish();
            if (inputs == null) {
                throw Asked.malformed("the request has no 'inputs'");
            }
            if (nextBinary != body.length) {
                throw Asked.malformed("unexpected additional input data" + new Asked(model, id).forModel());
            }
            return new JsonRequest(id, RequestParameters.of(parameters), inputs, outputs);
        }

        private List<JsonInput> inputs() {
            List<JsonInput> inputs = new ArrayList<>();
            Set<String> names = new HashSet<>();
            in.beginArray("inputs");
            while (in.nextElement()) {
                JsonInput input = input();
                if (!names.add(input.name())) {
                    throw Asked.malformed("input '" + Asked.shown(input.name()) + "' already exists in request");
                }
                inputs.add(input);
            }
            return inputs;
        }

        private JsonInput input() {
            String name = null;
            String datatype = null;
            long[] shape = null;
            int from = -1;
            int to = -1;
            Map<String, Object> parameters = Map.of();
            Once keys = new Once();
            in.beginObject("an element of inputs");
            for (String key = in.nextKey(); key != null; key = in.nextKey()) {
                keys.add(key);
                switch (key) {
                    case "name" -> name = in.string(key);
                    case "datatype" -> datatype = in.string(key);
                    case "shape" -> shape = shape();
                    case "parameters" -> parameters = in.takeNull() ? Map.of() : parameters(key);
                    case "data" -> {
                        if (in.peek() != '[') {
                            throw Asked.malformed("'data' must be an array");
                        }
                        from = in.position();
                        in.skipValue();
                        to = in.position();
                    }
                    default -> in.skipValue();
                }
            }
            String known = required(name, "name", "an element of inputs");
            String where = "input '" + Asked.shown(known) + "'";
            DataType type = DataType.named(required(datatype, "datatype", where))
                    .orElseThrow(() -> Asked.malformed("invalid datatype for input " + Asked.shown(known)));
            if (shape == null) {
                throw Asked.malformed(where + " has no 'shape'");
            }
            return located(known, type, shape, from, to, parameters);
        }

        /** The input with the place of its values: exactly one must be named. */
        private JsonInput located(
                String name, DataType type, long[] shape, int from, int to, Map<String, Object> parameters) {
            Object size = parameters.get("binary_data_size");
            if (parameters.containsKey("shared_memory_region")) {
                throw Asked.unsupported("shared memory is not served: input '" + Asked.shown(name)
                        + "' must carry its data or its bytes in the request");
            }
            if ((size == null) == (from < 0)) {
                throw Asked.malformed(
                        "Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters', "
                                + "'shared_memory_region' in 'parameters'. But "
                                + (size == null ? "no field is set" : "more than one field is set"));
            }
            if (size == null) {
                return new JsonInput(name, type, shape, from, to, false);
            }
            if (!(size instanceof Long bytes) || bytes < 0) {
                throw Asked.malformed("'binary_data_size' of input '" + Asked.shown(name)
                        + "' must be a whole number of bytes, 0 or more");
            }
            int left = body.length - nextBinary;
            if (bytes > left) {
                throw Asked.malformed("unexpected size for input '" + Asked.shown(name) + "', expecting "
                        + (bytes - left) + " additional bytes" + new Asked(model, "").forModel());
            }
            int start = nextBinary;
            nextBinary += (int) (long) bytes;
            return new JsonInput(name, type, shape, start, nextBinary, true);
        }

        private long[] shape() {
            long[] dims = new long[HIGHEST_RANK];
            int rank = 0;
            in.beginArray("shape");
            while (in.nextElement()) {
                if (rank == HIGHEST_RANK) {
                    throw Asked.malformed("'shape' has more than " + HIGHEST_RANK + " dimensions");
                }
                dims[rank++] = in.integer("shape");
            }
            return Arrays.copyOf(dims, rank);
        }

        private List<OutputAsk> outputs() {
            List<OutputAsk> outputs = new ArrayList<>();
            in.beginArray("outputs");
            while (in.nextElement()) {
                outputs.add(output());
            }
            return outputs;
        }

        private OutputAsk output() {
            String name = null;
            Map<String, Object> parameters = Map.of();
            Once keys = new Once();
            in.beginObject("an element of outputs");
            for (String key = in.nextKey(); key != null; key = in.nextKey()) {
                keys.add(key);
                switch (key) {
                    case "name" -> name = in.string(key);
                    case "parameters" -> parameters = in.takeNull() ? Map.of() : parameters(key);
                    default -> in.skipValue();
                }
            }
            String known = required(name, "name", "an element of outputs");
            if (parameters.isEmpty()) {
                return OutputAsk.plain(known);
            }
            return OutputAsk.of(known, parameters);
        }

        private Map<String, Object> parameters(String field) {
            Map<String, Object> parameters = new LinkedHashMap<>();
            Once keys = new Once();
            in.beginObject(field);
            for (String key = in.nextKey(); key != null; key = in.nextKey()) {
                keys.add(key);
                Object value =
                        switch (in.peek()) {
                            case '"' -> in.string(key);
                            case 't', 'f' -> in.bool(key);
                            case '{', '[', 'n' ->
                                throw Asked.malformed(
                                        "parameter '" + Asked.shown(key) + "' must be a string, a number or a boolean");
                            default -> in.number(Asked.shown(key));
                        };
                parameters.put(key, value);
            }
            return parameters;
        }

        private static String required(@Nullable String value, String field, String where) {
            if (value == null || value.isEmpty()) {
                throw Asked.malformed(where + " has no '" + field + "'");
            }
            return value;
        }
    }

    /** Keys that were seen: one that is given twice means different things to different readers, so it is refused. */
    private static final class Once {
        private final Set<String> seen = new HashSet<>();

        void add(String key) {
            if (!seen.add(key)) {
                throw Asked.malformed("key '" + Asked.shown(key) + "' is given twice");
            }
        }
    }
}
