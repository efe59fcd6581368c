package turnout.gateway.edge.tfserving;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Inputs;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;

/**
 * The body of a REST predict, as far as it can be understood without the model.
 *
 * @param signature the signature's name, null for the default one
 * @param form how the inputs came, which is how the outputs go
 * @param inputs the inputs, still JSON
 */
record PredictBody(@Nullable String signature, Form form, Inputs inputs) {
    private static final String INSTANCES = "instances";
    private static final String INPUTS = "inputs";
    private static final Set<String> MEMBERS = Set.of("signature_name", INSTANCES, INPUTS);

    /** How tensors are laid out in JSON. */
    enum Form {
        /** {@code instances} and {@code predictions}: one element per row. */
        ROWS,
        /** {@code inputs} and {@code outputs}: one value per tensor. */
        COLUMNS
    }

    /**
     * Checks the whole body and finds its parts.
     *
     * @throws RefusedException when it is no JSON or has not exactly one of the two forms
     */
    static PredictBody parse(byte[] text) {
        JsonBody body = JsonBody.scan(text, MEMBERS);
        String signature = body.signatureName();
        JsonBody.Span rows = body.member(INSTANCES);
        JsonBody.Span columns = body.member(INPUTS);
        if (rows != null && columns != null) {
            throw malformed(body.quote() + " Not formatted correctly expecting only one of 'inputs' or 'instances'"
                    + " keys to exist ");
        }
        if (rows != null) {
            checkRows(body, rows);
            return new PredictBody(signature, Form.ROWS, new RowInputs(body, rows));
        }
        if (columns != null) {
            return new PredictBody(signature, Form.COLUMNS, new ColumnInputs(body, columns));
        }
        throw malformed(body.quote() + " Missing 'inputs' or 'instances' key");
    }

    private static void checkRows(JsonBody body, JsonBody.Span rows) {
        JsonCursor cursor = body.at(rows);
        if (cursor.peek() != '[') {
            throw malformed(cursor.quote() + " Expecting 'instances' to be an list/array");
        }
        cursor.take();
        if (cursor.next() == ']') {
            throw malformed("[] No values in 'instances' array");
        }
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed("JSON Value: " + text));
    }
}
