package turnout.gateway.edge.tfserving;

import turnout.gateway.call.Answer;

/** Writes the body that answers a REST classify or regress. */
final class ResultText {
    private ResultText() {}

    /**
     * @param rows how many examples were sent
     */
    static JsonOutput write(Method method, Answer answer, int rows) {
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
