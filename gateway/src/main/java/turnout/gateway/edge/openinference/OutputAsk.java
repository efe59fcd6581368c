package turnout.gateway.edge.openinference;

import java.util.Map;

/**
 * How one output is wanted.
 *
 * @param name the output
 * @param form in which form over HTTP
 * @param classes how many classes, best first, instead of the tensor; 0 for the tensor
 */
record OutputAsk(String name, Form form, int classes) {
    /** JSON numbers or bytes. */
    enum Form {
        /** As the request's default says. */
        DEFAULT,
        JSON,
        BINARY
    }

    static OutputAsk plain(String name) {
        return new OutputAsk(name, Form.DEFAULT, 0);
    }

    /**
     * The output with its parameters; those that mean nothing here are left alone.
     *
     * @param parameters String, Long, Double or Boolean by name
     */
    static OutputAsk of(String name, Map<String, Object> parameters) {
        Object binary = parameters.get("binary_data");
        Object classes = parameters.get("classification");
        if (parameters.containsKey("shared_memory_region")) {
            throw Asked.unsupported(
                    "shared memory is not served: output '" + Asked.shown(name) + "' can only come in the response");
        }
        if (binary != null && !(binary instanceof Boolean)) {
            throw Asked.malformed("'binary_data' of output '" + Asked.shown(name) + "' must be true or false");
        }
        if (classes != null && (!(classes instanceof Long count) || count < 1)) {
            throw Asked.malformed(
                    "'classification' of output '" + Asked.shown(name) + "' must be a whole number, 1 or more");
        }
        Form form = binary == null ? Form.DEFAULT : binary.equals(true) ? Form.BINARY : Form.JSON;
        return new OutputAsk(name, form, classes instanceof Long count ? (int) Math.min(count, Integer.MAX_VALUE) : 0);
    }

    boolean isBinary(boolean byDefault) {
        return form == Form.DEFAULT ? byDefault : form == Form.BINARY;
    }
}
