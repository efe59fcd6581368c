package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.RunFacts;
import turnout.spi.DataType;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;
import turnout.testkit.Tensors;

final class ResultTextTest {
    private static void refused(Method method, String output, String text) {
        Signature signature = Signature.of("s", List.of(), List.of(TensorSpec.of(output, DataType.FP32, -1, 1)));
        Answer answer = new Answer(
                new ModelVersion("m", 1), signature, Map.of(output, Tensors.empty(DataType.FP32, 0, 1)), RunFacts.NONE);
        assertThatThrownBy(() -> ResultText.write(method, answer, 1))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(text);
    }

    @Test
    void case66_resultsWithoutRowsAreRefused() {
        refused(Method.CLASSIFY, "scores", "Cannot convert empty ClassificationResults to JSON");
        refused(Method.REGRESS, "outputs", "Cannot convert empty RegressionResults to JSON");
    }
}
