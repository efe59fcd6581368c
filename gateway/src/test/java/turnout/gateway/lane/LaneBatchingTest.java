package turnout.gateway.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.result;
import static turnout.gateway.rig.Futures.tensor;
import static turnout.testkit.TensorAssert.assertThatTensor;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.RunListener.Exit;
import turnout.gateway.rig.Calls;
import turnout.gateway.rig.LaneRig;
import turnout.spi.DataType;
import turnout.spi.InferenceRequest;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.testkit.FakeServable;
import turnout.testkit.Gate;
import turnout.testkit.Tensors;

/** Which calls run together, and that each gets its own rows back. */
class LaneBatchingTest {
    private static final Signature MATRIX = Signature.of(
            Signature.DEFAULT,
            List.of(TensorSpec.of("x", DataType.FP32, -1, -1)),
            List.of(TensorSpec.of("y", DataType.FP32, -1, -1)));

    private final LaneRig rig = new LaneRig(1, 0);
    private final Gate gate = new Gate(rig.ticker);

    @AfterEach
    void nothingIsLeftOver() {
        gate.open();
        rig.close();
    }

    @Test
    void sixtyFourCallsOfFourShapesBehindAHeldTurnTakeTwelveRunsAtMost() throws InterruptedException {
        FakeServable servable = echo(MATRIX).behind(gate);
        Lane lane = rig.open(servable, LaneRig.rows(8));
        Future<Answer> first = hold(lane);

        List<Tensor> inputs = new ArrayList<>();
        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            int columns = 1 + i % 4;
            float[] row = new float[columns];
            Arrays.fill(row, i);
            inputs.add(Tensors.floats(Tensors.shape(1, columns), row));
            answers.add(rig.send(lane, Calls.x(inputs.get(i))));
        }
        rig.settle();
        gate.open();

        for (int i = 0; i < 64; i++) {
            assertThatTensor(output(result(answers.get(i)))).isSameAs(inputs.get(i));
        }
        result(first);
        assertThat(servable.requests().size() - 1).isLessThanOrEqualTo(12);
        assertThat(servable.requests().stream().skip(1))
                .allSatisfy(request -> assertThat(x(request).shape()[0]).isEqualTo(8));
    }

    @Test
    void rowsStayWithTheirCallWhateverItsSize() throws InterruptedException {
        FakeServable servable = echo(MATRIX).behind(gate);
        Lane lane = rig.open(servable, LaneRig.rows(32));
        Future<Answer> first = hold(lane);

        Tensor one = Tensors.floats(Tensors.shape(1, 2), 1, 2);
        Tensor three = Tensors.floats(Tensors.shape(3, 2), 3, 4, 5, 6, 7, 8);
        Tensor two = Tensors.floats(Tensors.shape(2, 2), 9, 10, 11, 12);
        List<Future<Answer>> answers = new ArrayList<>();
        for (Tensor input : List.of(one, three, two)) {
            answers.add(rig.send(lane, Calls.x(input)));
        }
        rig.settle();
        gate.open();

        assertThatTensor(output(result(answers.get(0)))).isSameAs(one);
        assertThatTensor(output(result(answers.get(1)))).isSameAs(three);
        assertThatTensor(output(result(answers.get(2)))).isSameAs(two);
        result(first);
        assertThat(servable.requests()).hasSize(2);
        assertThat(result(answers.get(1)).run().batchRows()).isEqualTo(6);
        assertThat(result(answers.get(1)).run().batchId()).isEqualTo(2);
    }

    @Test
    void byteStringsAreJoinedAndSplit() throws InterruptedException {
        FakeServable servable = FakeServable.identity(DataType.BYTES).behind(gate);
        Lane lane = rig.open(servable, LaneRig.rows(8));
        Future<Answer> first = rig.send(lane, Calls.x(Tensors.strings("held")));
        gate.awaitArrivals(1);

        Tensor some = Tensors.strings("", "a longer one", "é");
        Tensor other = Tensors.strings("z");
        Future<Answer> a = rig.send(lane, Calls.x(some));
        Future<Answer> b = rig.send(lane, Calls.x(other));
        rig.settle();
        gate.open();

        assertThatTensor(output(result(a))).isSameAs(some);
        assertThatTensor(output(result(b))).isSameAs(other);
        result(first);
        assertThat(servable.requests()).hasSize(2);
    }

    @Test
    void aCallWithParametersRunsAlone() throws InterruptedException {
        FakeServable servable = echo(MATRIX).behind(gate);
        Lane lane = rig.open(servable, LaneRig.rows(8));
        Future<Answer> first = hold(lane);

        Future<Answer> plain = rig.send(lane, Calls.x(row(1)));
        Future<Answer> special = rig.send(lane, Calls.x(row(2)).parameters(Map.of("temperature", 0.5)));
        Future<Answer> plainToo = rig.send(lane, Calls.x(row(3)));
        rig.settle();
        gate.open();

        assertThat(result(plain).run().batchRows()).isEqualTo(2);
        assertThat(result(special).run().batchRows()).isEqualTo(1);
        assertThat(result(plainToo).run().batchId())
                .isEqualTo(result(plain).run().batchId());
        result(first);
        assertThat(servable.requests().get(1).parameters()).isEmpty();
        assertThat(servable.requests().get(2).parameters()).containsEntry("temperature", 0.5);
    }

    @Test
    void aSignatureThatIsNotJoinableRunsCallByCall() throws InterruptedException {
        FakeServable servable = echo(MATRIX).behind(gate);
        Lane lane = rig.open(rig.spec(servable, LaneRig.rows(8), Set.of(), Set.of(), 1));
        Future<Answer> first = hold(lane);

        Future<Answer> a = rig.send(lane, Calls.x(row(1)));
        Future<Answer> b = rig.send(lane, Calls.x(row(2)));
        rig.settle();
        gate.open();

        assertThat(result(a).run().batchRows()).isEqualTo(1);
        assertThat(result(b).run().batchRows()).isEqualTo(1);
        result(first);
    }

    @Test
    void callsThatWantTheSameOutputsInAnotherOrderAreNotMixedUp() throws InterruptedException {
        Signature two = Signature.of(
                Signature.DEFAULT,
                List.of(TensorSpec.of("a", DataType.FP32, -1), TensorSpec.of("b", DataType.FP32, -1)),
                List.of(TensorSpec.of("p", DataType.FP32, -1), TensorSpec.of("q", DataType.FP32, -1)));
        FakeServable servable = echoAll(two).behind(gate);
        Lane lane = rig.open(servable, LaneRig.rows(8));
        Map<String, Tensor> inputs = Map.of("a", Tensors.floats(1), "b", Tensors.floats(2));
        Future<Answer> first = rig.send(lane, Calls.with(inputs));
        gate.awaitArrivals(1);

        Future<Answer> straight = rig.send(lane, Calls.with(inputs).outputs("p", "q"));
        Future<Answer> crossed = rig.send(lane, Calls.with(inputs).outputs("q", "p"));
        Future<Answer> one = rig.send(lane, Calls.with(inputs).outputs("q"));
        rig.settle();
        gate.open();

        assertThat(result(straight).outputs().keySet()).containsExactly("p", "q");
        assertThat(result(crossed).outputs().keySet()).containsExactly("q", "p");
        assertThat(result(one).outputs().keySet()).containsExactly("q");
        result(first);
    }

    @Test
    void aCallLargerThanABatchRunsAlone() throws InterruptedException {
        FakeServable servable = echo(MATRIX).behind(gate);
        Lane lane = rig.open(servable, LaneRig.rows(2));
        Future<Answer> first = hold(lane);

        Tensor large = Tensors.floats(Tensors.shape(5, 1), 1, 2, 3, 4, 5);
        Future<Answer> a = rig.send(lane, Calls.x(large));
        Future<Answer> b = rig.send(lane, Calls.x(row(6)));
        rig.settle();
        gate.open();

        assertThatTensor(output(result(a))).isSameAs(large);
        assertThat(result(a).run().batchRows()).isEqualTo(5);
        assertThat(result(b).run().batchRows()).isEqualTo(1);
        result(first);
    }

    @Test
    void allowedBatchRowsPadWithZerosAndDropThePadding() throws InterruptedException {
        FakeServable servable = echo(MATRIX).behind(gate);
        BatchingConfig batching = new BatchingConfig(
                8,
                Duration.ZERO,
                4096,
                BatchingConfig.DEFAULT_QUEUED_BYTES,
                List.of(4, 8),
                0,
                Duration.ZERO,
                BatchingConfig.Join.AUTO);
        Lane lane = rig.open(servable, batching);
        Future<Answer> first = hold(lane);

        Future<Answer> a = rig.send(lane, Calls.x(row(1)));
        Future<Answer> b = rig.send(lane, Calls.x(Tensors.floats(Tensors.shape(2, 1), 2, 3)));
        rig.settle();
        gate.open();

        assertThatTensor(output(result(first))).hasShape(1, 1);
        assertThatTensor(output(result(a))).isSameAs(row(1));
        assertThatTensor(output(result(b))).hasShape(2, 1).hasFloats(2, 3);
        assertThatTensor(x(servable.requests().get(0))).hasShape(4, 1);
        assertThatTensor(x(servable.requests().get(1))).hasShape(4, 1).hasFloats(1, 2, 3, 0);
    }

    @Test
    void byteStringsArePaddedWithEmptyOnes() {
        FakeServable servable = FakeServable.identity(DataType.BYTES);
        BatchingConfig batching = new BatchingConfig(
                4,
                Duration.ZERO,
                4096,
                BatchingConfig.DEFAULT_QUEUED_BYTES,
                List.of(4),
                0,
                Duration.ZERO,
                BatchingConfig.Join.AUTO);
        Lane lane = rig.open(servable, batching);

        Answer answer = result(rig.send(lane, Calls.x(Tensors.strings("a", "b"))));

        assertThatTensor(output(answer)).isSameAs(Tensors.strings("a", "b"));
        assertThatTensor(x(servable.requests().get(0))).isSameAs(Tensors.strings("a", "b", "", ""));
    }

    @Test
    void maxDelayHoldsACallBackUntilTheBatchIsFull() {
        FakeServable servable = echo(MATRIX);
        Lane lane = rig.open(servable, delayed(3, Duration.ofSeconds(30)));

        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            answers.add(rig.send(lane, Calls.x(row(i))));
        }

        for (Future<Answer> answer : answers) {
            assertThat(result(answer).run().batchRows()).isEqualTo(3);
        }
    }

    @Test
    void maxDelayIsTheLongestThatACallWaitsForCompany() {
        Lane lane = rig.open(echo(MATRIX), delayed(32, Duration.ofMillis(20)));

        Answer answer = result(rig.send(lane, Calls.x(row(1))));

        assertThat(answer.run().queueNanos())
                .isGreaterThanOrEqualTo(Duration.ofMillis(20).toNanos());
        assertThat(answer.run().batchRows()).isEqualTo(1);
    }

    @Test
    void aCallThatRunsAloneDoesNotWaitBehindOneThatWaitsForCompany() {
        Lane lane = rig.open(echo(MATRIX), delayed(32, Duration.ofSeconds(30)));
        Future<Answer> patient = rig.send(lane, Calls.x(row(1)));

        Answer alone = result(rig.send(lane, Calls.x(row(2)).parameters(Map.of("seed", 1L))));

        assertThat(alone.run().batchRows()).isEqualTo(1);
        assertThat(patient.isComplete()).isFalse();
        assertThat(rig.runs.exits()).containsExactly(Exit.BATCHED);
        // Company for the patient one, or the end of this test would wait for it.
        List<Future<Answer>> company = new ArrayList<>();
        for (int i = 0; i < 31; i++) {
            company.add(rig.send(lane, Calls.x(row(i))));
        }
        result(patient);
        company.forEach(future -> result(future));
    }

    private Future<Answer> hold(Lane lane) throws InterruptedException {
        Future<Answer> held = rig.send(lane, Calls.x(row(-1)));
        gate.awaitArrivals(1);
        return held;
    }

    private static BatchingConfig delayed(int rows, Duration delay) {
        return new BatchingConfig(
                rows,
                delay,
                4096,
                BatchingConfig.DEFAULT_QUEUED_BYTES,
                List.of(),
                0,
                Duration.ZERO,
                BatchingConfig.Join.AUTO);
    }

    private static FakeServable echo(Signature signature) {
        return FakeServable.of(signature, request -> Map.of("y", Tensors.heapCopy(x(request))));
    }

    private static FakeServable echoAll(Signature signature) {
        return FakeServable.of(
                signature,
                request -> Map.of(
                        "p", Tensors.heapCopy(tensor(request.inputs(), "a")),
                        "q", Tensors.heapCopy(tensor(request.inputs(), "b"))));
    }

    private static Tensor row(float value) {
        return Tensors.floats(Tensors.shape(1, 1), value);
    }

    private static Tensor x(InferenceRequest request) {
        return tensor(request.inputs(), "x");
    }

    private static Tensor output(Answer answer) {
        return tensor(answer.outputs(), "y");
    }
}
