package turnout.gateway.edge.tfserving;

import java.util.List;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.StringElements;
import turnout.spi.Tensor;

/** Reads the outputs of classify and regress signatures: one row per example. */
final class Scores {
    private static final String CLASSES = "classes";
    private static final String SCORES = "scores";
    private static final String OUTPUTS = "outputs";

    private Scores() {}

    /**
     * Labels and scores, row after row.
     *
     * @param perRow how many each row has
     * @param labels null where the signature gives none
     * @param scores null where the signature gives none
     */
    @SuppressWarnings("ArrayRecordComponent") // stays in this room, is never compared
    record Classes(int rows, int perRow, @Nullable List<byte[]> labels, float @Nullable [] scores) {
        /** The label; empty where the signature gives none. */
        byte[] label(int row, int column) {
            return labels == null ? new byte[0] : labels.get(row * perRow + column);
        }

        /** The score; zero where the signature gives none. */
        float score(int row, int column) {
            return scores == null ? 0 : scores[row * perRow + column];
        }
    }

    static Classes classes(Answer answer, int rows) {
        Tensor labels = answer.outputs().get(CLASSES);
        Tensor scores = answer.outputs().get(SCORES);
        Tensor any = labels != null ? labels : scores;
        if (any == null) {
            throw malformed("Expected classification signature outputs to contain at least one of \"" + CLASSES
                    + "\" or \"" + SCORES + "\".");
        }
        check(labels, CLASSES, DataType.BYTES, rows);
        check(scores, SCORES, DataType.FP32, rows);
        if (labels != null && scores != null && labels.shape()[1] != scores.shape()[1]) {
            throw broken("Tensors \"" + CLASSES + "\" and \"" + SCORES + "\" should match in num_classes");
        }
        return new Classes(
                rows,
                Math.toIntExact(any.shape()[1]),
                labels == null ? null : StringElements.read(labels.data()),
                scores == null ? null : floats(scores));
    }

    static float[] values(Answer answer, int rows) {
        Tensor outputs = answer.outputs().get(OUTPUTS);
        if (outputs == null) {
            throw malformed("Expected regression signature outputs to contain \"" + OUTPUTS + "\".");
        }
        long[] shape = outputs.shape();
        boolean fits = (shape.length == 1 || (shape.length == 2 && shape[1] == 1)) && shape[0] == rows;
        if (!fits || outputs.type() != DataType.FP32) {
            throw broken("Expected output Tensor \"" + OUTPUTS + "\" to be float of [" + rows + "] or [" + rows
                    + ",1], got " + outputs);
        }
        return floats(outputs);
    }

    private static void check(@Nullable Tensor tensor, String name, DataType type, int rows) {
        if (tensor != null && (tensor.shape().length != 2 || tensor.shape()[0] != rows || tensor.type() != type)) {
            throw broken("Expected output Tensor \"" + name + "\" to be " + TypeNames.of(type) + " of [" + rows
                    + ", num_classes], got " + tensor);
        }
    }

    private static float[] floats(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.elements())];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }

    private static RefusedException broken(String text) {
        return new RefusedException(new Refusal.Failed(ErrorCode.MODEL_FAILED, text));
    }
}
