package turnout.gateway.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.refusal;
import static turnout.gateway.rig.Futures.result;
import static turnout.testkit.TensorAssert.assertThatTensor;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Refusal;
import turnout.gateway.rig.Calls;
import turnout.gateway.rig.LaneRig;
import turnout.spi.DataType;
import turnout.spi.Device;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.ModelVersion;
import turnout.spi.Tensor;
import turnout.testkit.FakeServable;
import turnout.testkit.Tensors;

class RowSplitTest {
    private final LaneRig rig = new LaneRig(1, 0);

    @AfterEach
    void nothingIsLeftOver() {
        rig.close();
    }

    @Test
    void aLargeCallRunsInPiecesAndIsAnsweredWhole() {
        FakeServable servable = FakeServable.identity(DataType.FP32);
        Lane lane = rig.open(spec(servable, 4, 1 << 20));
        Tensor ten = Tensors.floats(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);

        Answer answer = result(rig.send(lane, Calls.x(ten)));

        assertThatTensor(output(answer)).isSameAs(ten);
        assertThat(servable.requests()).hasSize(3);
        assertThat(rig.runs.executions()).allMatch(run -> run.rows() <= 4);
    }

    @Test
    void aCallThatFitsRunsWhole() {
        FakeServable servable = FakeServable.identity(DataType.FP32);
        Lane lane = rig.open(spec(servable, 4, 1 << 20));

        result(rig.send(lane, Calls.x(Tensors.floats(1, 2, 3, 4))));

        assertThat(servable.requests()).hasSize(1);
    }

    @Test
    void anAnswerOfManyBytesIsPutTogetherAllTheSame() {
        float[] values = new float[600_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Tensor large = Tensors.floats(values);
        Lane lane = rig.open(spec(FakeServable.identity(DataType.FP32), 250_000, 16 << 20));

        assertThatTensor(output(result(rig.send(lane, Calls.x(large))))).isSameAs(large);
    }

    @Test
    void piecesThatTogetherExceedTheLimitOfOutputsAreRefusedBeforeAllHaveRun() {
        FakeServable servable = FakeServable.identity(DataType.FP32);
        Lane lane = rig.open(spec(servable, 4, 24));

        Refusal refusal = refusal(rig.send(lane, Calls.x(Tensors.floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13))));

        assertThat(servable.requests()).hasSize(2);
        assertThat(refusal).isInstanceOfSatisfying(Refusal.Failed.class, failed -> assertThat(failed.code())
                .isEqualTo(ErrorCode.OUT_OF_MEMORY));
    }

    @Test
    void theFirstPieceThatFailsFailsTheCall() {
        FakeServable servable = FakeServable.identity(DataType.FP32)
                .failingWhen(request -> Optional.of(new InferenceException(ErrorCode.UNAVAILABLE, "away")));
        Lane lane = rig.open(spec(servable, 4, 1 << 20));

        assertThat(refusal(rig.send(lane, Calls.x(Tensors.floats(1, 2, 3, 4, 5)))))
                .isEqualTo(new Refusal.Failed(ErrorCode.UNAVAILABLE, "away"));
        assertThat(servable.requests()).hasSize(1);
    }

    private static Tensor output(Answer answer) {
        return Objects.requireNonNull(answer.outputs().get("y"));
    }

    private static LaneSpec spec(FakeServable servable, int splitRows, long maxOutputBytes) {
        BatchingConfig batching = new BatchingConfig(
                1_000_000,
                Duration.ZERO,
                4_000_000,
                BatchingConfig.DEFAULT_QUEUED_BYTES,
                List.of(),
                splitRows,
                Duration.ZERO,
                BatchingConfig.Join.AUTO);
        return new LaneSpec(
                new ModelVersion("m", 1),
                1,
                List.of(new Session(Device.CPU, servable)),
                Set.of(),
                batching,
                servable.signatures().keySet(),
                1,
                64,
                Duration.ofSeconds(30),
                null,
                maxOutputBytes);
    }
}
