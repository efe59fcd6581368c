package turnout.gateway.edge.tfserving;

import com.google.protobuf.ByteString;
import java.util.List;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.protocol.tensorflow.Example;
import turnout.protocol.tfserving.Class;
import turnout.protocol.tfserving.ClassificationResult;
import turnout.protocol.tfserving.Classifications;
import turnout.protocol.tfserving.ExampleListWithContext;
import turnout.protocol.tfserving.Input;
import turnout.protocol.tfserving.Regression;
import turnout.protocol.tfserving.RegressionResult;

/** Reads the rows of classify, regress and multi-inference messages, and writes their results. */
final class ExampleMessages {
    private ExampleMessages() {}

    /** The rows, each serialised, with the context in front: where both have a feature, the row's counts. */
    static List<ByteString> rows(Input input) {
        List<ByteString> rows =
                switch (input.getKindCase()) {
                    case EXAMPLE_LIST ->
                        input.getExampleList().getExamplesList().stream()
                                .map(Example::toByteString)
                                .toList();
                    case EXAMPLE_LIST_WITH_CONTEXT -> withContext(input.getExampleListWithContext());
                    case KIND_NOT_SET -> List.of();
                };
        if (rows.isEmpty()) {
            throw new RefusedException(new Refusal.Malformed("Input is empty."));
        }
        return rows;
    }

    private static List<ByteString> withContext(ExampleListWithContext list) {
        ByteString context = list.getContext().toByteString();
        List<ByteString> rows =
                list.getExamplesList().stream().map(Example::toByteString).toList();
        return ContextRows.of(context, rows, list.getSerializedSize());
    }

    static ClassificationResult classification(Answer answer, int rows) {
        Scores.Classes classes = Scores.classes(answer, rows);
        ClassificationResult.Builder result = ClassificationResult.newBuilder();
        for (int row = 0; row < rows; row++) {
            Classifications.Builder one = result.addClassificationsBuilder();
            for (int column = 0; column < classes.perRow(); column++) {
                one.addClasses(Class.newBuilder()
                        .setLabelBytes(ByteString.copyFrom(classes.label(row, column)))
                        .setScore(classes.score(row, column)));
            }
        }
        return result.build();
    }

    static RegressionResult regression(Answer answer, int rows) {
        RegressionResult.Builder result = RegressionResult.newBuilder();
        for (float value : Scores.values(answer, rows)) {
            result.addRegressions(Regression.newBuilder().setValue(value));
        }
        return result.build();
    }
}
