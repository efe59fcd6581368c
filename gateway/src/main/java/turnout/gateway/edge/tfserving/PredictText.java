package turnout.gateway.edge.tfserving;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.Tensor;

/** Writes outputs as the body that answers a REST predict. */
final class PredictText {
    private final List<TensorText> outputs = new ArrayList<>();
    private final JsonOutput text;

    private PredictText(Map<String, Tensor> tensors) {
        long bytes = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            outputs.add(new TensorText(entry.getKey(), entry.getValue()));
            bytes += entry.getValue().byteSize();
        }
        if (outputs.isEmpty()) {
            throw malformed("Cannot convert empty tensor map to JSON");
        }
        text = new JsonOutput((int) Math.min(256 + bytes * 3, Integer.MAX_VALUE / 2));
    }

    /**
     * The body for those outputs.
     *
     * @throws RefusedException when they do not fit the form
     */
    static JsonOutput write(PredictBody.Form form, Map<String, Tensor> tensors) {
        PredictText writer = new PredictText(tensors);
        return switch (form) {
            case ROWS -> writer.rows();
            case COLUMNS -> writer.columns();
        };
    }

    private JsonOutput columns() {
        text.raw("{").line(4).raw("\"outputs\": ");
        if (outputs.size() == 1) {
            outputs.get(0).writeAll(text, 4);
        } else {
            char sign = '{';
            for (TensorText output : outputs) {
                text.raw(sign).line(8).string(output.name()).raw(": ");
                output.writeAll(text, 8);
                sign = ',';
            }
            text.line(4).raw('}');
        }
        return text.line(0).raw('}').line(0);
    }

    private JsonOutput rows() {
        long count = rowCount();
        text.raw("{").line(4).raw("\"predictions\": [");
        for (long row = 0; row < count; row++) {
            if (outputs.size() == 1) {
                text.raw(row == 0 ? "" : ", ");
                outputs.get(0).writeRow(text);
            } else {
                text.raw(row == 0 ? "" : ",").line(8);
                row();
            }
        }
        if (count > 0) {
            text.line(4);
        }
        return text.raw(']').line(0).raw('}').line(0);
    }

    private void row() {
        char sign = '{';
        for (TensorText output : outputs) {
            text.raw(sign).line(12).string(output.name()).raw(": ");
            output.writeRow(text, 12);
            sign = ',';
        }
        text.line(8).raw('}');
    }

    /** The size of axis 0, on which all outputs must agree. */
    private long rowCount() {
        long count = -1;
        for (TensorText output : outputs) {
            if (output.shape().length == 0) {
                throw malformed("Tensor name: " + output.name() + " has no shape information ");
            }
            long rows = output.shape()[0];
            if (count >= 0 && rows != count) {
                throw malformed("Tensor name: " + output.name() + " has inconsistent batch size: " + rows
                        + " expecting: " + count);
            }
            count = rows;
        }
        return count;
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }
}
