package turnout.gateway.edge.tfserving;

import turnout.gateway.call.Answer;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.Tensor;

/** Writes the body that answers a REST classify or regress. */
final class ResultText {
    private ResultText() {}

    /**
     * @param rows how many examples were sent
     * @throws RefusedException when the outputs are not one row for each of them
     */
    static JsonOutput write(Method method, Answer answer, int rows) {
        checkAnyRow(method, answer);
        JsonOutput text = new JsonOutput(256);
        // The documentation says "result"; the server has always said "results".
        text.raw('{').line(4).raw("\"results\": [");
        if (method == Method.CLASSIFY) {
            classes(text, Scores.classes(answer, rows));
        } else {
            String sign = "";
            for (float value : Scores.values(answer, rows)) {
                text.raw(sign).number(value);
                sign = ", ";
            }
        }
        return text.line(4).raw(']').line(0).raw('}').line(0);
    }

    /** Here rather than with the other checks: only REST has words of its own for it. */
    private static void checkAnyRow(Method method, Answer answer) {
        for (Tensor output : answer.outputs().values()) {
            if (output.shape().length > 0 && output.shape()[0] == 0) {
                String results = method == Method.CLASSIFY ? "ClassificationResults" : "RegressionResults";
                throw new RefusedException(new Refusal.Malformed("Cannot convert empty " + results + " to JSON"));
            }
        }
    }

    private static void classes(JsonOutput text, Scores.Classes classes) {
        for (int row = 0; row < classes.rows(); row++) {
            text.raw(row == 0 ? "[" : ", [");
            for (int column = 0; column < classes.perRow(); column++) {
                byte[] label = classes.label(row, column);
                text.raw(column == 0 ? "[" : ", [").string(label, 0, label.length);
                text.raw(", ").number(classes.score(row, column)).raw(']');
            }
            text.raw(']');
        }
    }
}
