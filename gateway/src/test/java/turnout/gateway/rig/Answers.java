package turnout.gateway.rig;

import java.util.Map;
import turnout.gateway.call.Answer;
import turnout.gateway.call.RunFacts;
import turnout.spi.DataType;
import turnout.spi.ModelVersion;
import turnout.spi.Tensor;
import turnout.testkit.FakeServable;
import turnout.testkit.Tensors;

/** Answers without a run. */
public final class Answers {
    private Answers() {}

    /** One FP32 output {@code y}. */
    public static Answer of(float... values) {
        return of(Map.of("y", Tensors.floats(values)));
    }

    /** Those outputs. */
    public static Answer of(Map<String, Tensor> outputs) {
        return new Answer(
                new ModelVersion("m", 1), FakeServable.xToY(DataType.FP32), outputs, new RunFacts(5, 7, 1, 1));
    }
}
