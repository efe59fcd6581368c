package turnout.gateway.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.refusal;
import static turnout.gateway.rig.Futures.result;
import static turnout.gateway.rig.Futures.tensor;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RunListener;
import turnout.gateway.rig.Calls;
import turnout.gateway.rig.LaneRig;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.ModelVersion;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.testkit.FakeServable;
import turnout.testkit.Gate;
import turnout.testkit.Tensors;

/** What a lane does when runs fail: who is told, and that it goes on. */
class LaneFailureTest {
    private static final Signature XY = FakeServable.xToY(DataType.FP32);

    private final LaneRig rig = new LaneRig(1, 0);
    private final Gate gate = new Gate(rig.ticker);

    @AfterEach
    void nothingIsLeftOver() {
        gate.open();
        rig.close();
    }

    @Test
    void oneBadRowFailsItsOwnCallAndItsNeighboursAreAnswered() throws InterruptedException {
        FakeServable servable = FakeServable.identity(DataType.FP32)
                .failingWhen(request -> holds(request, 13)
                        ? Optional.of(new InferenceException(ErrorCode.MODEL_FAILED, "13 is unlucky"))
                        : Optional.empty())
                .behind(gate);
        Lane lane = rig.open(servable, LaneRig.rows(8));
        Future<Answer> held = hold(lane);

        Future<Answer> a = rig.send(lane, Calls.x(Tensors.floats(1)));
        Future<Answer> bad = rig.send(lane, Calls.x(Tensors.floats(13)));
        Future<Answer> b = rig.send(lane, Calls.x(Tensors.floats(2)));
        rig.settle();
        gate.open();

        assertThat(refusal(bad)).isEqualTo(new Refusal.Failed(ErrorCode.MODEL_FAILED, "13 is unlucky"));
        assertThat(value(a)).isEqualTo(1);
        assertThat(value(b)).isEqualTo(2);
        result(held);
        assertThat(servable.requests()).hasSize(1 + 1 + 3);
    }

    @Test
    void whatIsTooMuchMemoryTogetherIsTriedOneByOne() throws InterruptedException {
        FakeServable servable = FakeServable.identity(DataType.FP32)
                .failingWhen(request -> x(request).rows() > 1
                        ? Optional.of(new InferenceException(ErrorCode.OUT_OF_MEMORY, "too much"))
                        : Optional.empty())
                .behind(gate);
        Lane lane = rig.open(servable, LaneRig.rows(8));
        hold(lane);

        Future<Answer> a = rig.send(lane, Calls.x(Tensors.floats(1)));
        Future<Answer> b = rig.send(lane, Calls.x(Tensors.floats(2)));
        rig.settle();
        gate.open();

        assertThat(value(a)).isEqualTo(1);
        assertThat(value(b)).isEqualTo(2);
    }

    @Test
    void aDependencyThatIsAwayFailsTheWholeBatchWithoutTryingAgain() throws InterruptedException {
        FakeServable servable = FakeServable.identity(DataType.FP32)
                .failingWhen(request -> Optional.of(new InferenceException(ErrorCode.UNAVAILABLE, "away")))
                .behind(gate);
        Lane lane = rig.open(servable, LaneRig.rows(8));
        Future<Answer> held = hold(lane);

        Future<Answer> a = rig.send(lane, Calls.x(Tensors.floats(1)));
        Future<Answer> b = rig.send(lane, Calls.x(Tensors.floats(2)));
        rig.settle();
        gate.open();

        assertThat(refusal(a)).isEqualTo(new Refusal.Failed(ErrorCode.UNAVAILABLE, "away"));
        assertThat(refusal(b)).isEqualTo(new Refusal.Failed(ErrorCode.UNAVAILABLE, "away"));
        refusal(held);
        assertThat(servable.requests()).hasSize(2);
    }

    @Test
    void looseShapesThatTheModelDoesNotTakeAreTheCallersFault() {
        Lane lane = rig.open(
                FakeServable.of(XY, request -> {
                    throw new InferenceException(ErrorCode.MODEL_FAILED, "no such shape");
                }),
                LaneRig.rows(8));

        assertThat(refusal(rig.send(lane, Calls.x(Tensors.floats(1)).loose())))
                .isEqualTo(new Refusal.Failed(ErrorCode.INVALID_INPUT, "no such shape"));
    }

    @Test
    void outputsWhoseRowsDoNotMatchFailAPaddedRun() {
        BatchingConfig padded = new BatchingConfig(
                4,
                Duration.ZERO,
                4096,
                BatchingConfig.DEFAULT_QUEUED_BYTES,
                List.of(4),
                0,
                Duration.ZERO,
                BatchingConfig.Join.ALWAYS);
        Lane lane = rig.open(FakeServable.of(XY, request -> Map.of("y", Tensors.floats(7))), padded);

        Refusal refusal = refusal(rig.send(lane, Calls.x(Tensors.floats(1, 2))));

        assertThat(refusal)
                .isEqualTo(
                        new Refusal.Failed(ErrorCode.MODEL_FAILED, "output 'y' has shape [1] for a batch of 4 rows"));
    }

    @Test
    void outputsWhoseRowsDoNotMatchAJoinedRunAreComputedCallByCall() throws InterruptedException {
        FakeServable sum = FakeServable.of(XY, request -> {
            float total = 0;
            for (float value : Tensors.floatsOf(x(request))) {
                total += value;
            }
            return Map.of("y", Tensors.floats(total));
        });
        Lane lane = rig.open(sum.behind(gate), LaneRig.rows(8));
        hold(lane);

        Future<Answer> a = rig.send(lane, Calls.x(Tensors.floats(1, 2)));
        Future<Answer> b = rig.send(lane, Calls.x(Tensors.floats(10, 20)));
        rig.settle();
        gate.open();

        assertThat(value(a)).isEqualTo(3);
        assertThat(value(b)).isEqualTo(30);
    }

    @Test
    void outputsOverTheModelsLimitAreRefused() {
        Lane lane = rig.open(
                FakeServable.of(XY, request -> Map.of("y", Tensors.floats(new float[(1 << 18) + 1]))), LaneRig.rows(8));

        Refusal refusal = refusal(rig.send(lane, Calls.x(Tensors.floats(1))));

        assertThat(refusal).isInstanceOfSatisfying(Refusal.Failed.class, failed -> assertThat(failed.code())
                .isEqualTo(ErrorCode.OUT_OF_MEMORY));
    }

    @Test
    void aDefectOfTheBackendIsInternalAndTheLaneGoesOn() {
        survives(request -> {
            throw new IllegalStateException("a secret path: /etc");
        });
    }

    @Test
    void anErrorOfTheBackendIsInternalAndTheLaneGoesOn() {
        survives(request -> {
            throw new StackOverflowError();
        });
    }

    @Test
    void aStageFailedWithAnErrorIsInternalAndTheLaneGoesOn() {
        survives(request -> CompletableFuture.failedFuture(new AssertionError()));
    }

    @Test
    void aBackendThatGivesNoStageIsInternalAndTheLaneGoesOn() {
        survives(request -> nothing());
    }

    @Test
    void aResponseThatIsNoneIsInternalAndTheLaneGoesOn() {
        survives(request -> CompletableFuture.completedFuture(nothing()));
    }

    @Test
    void anErrorWhileOutputsAreCopiedIsInternalAndTheLaneGoesOn() {
        survives(request ->
                CompletableFuture.completedFuture(new InferenceResponse(Map.of("y", Tensors.floats(1)), () -> {
                    throw new StackOverflowError();
                })));
    }

    @Test
    void outputsThatAreMissingAreInternalAndTheLaneGoesOn() {
        survives(request -> CompletableFuture.completedFuture(InferenceResponse.ofHeap(Map.of())));
    }

    @Test
    void workersThatTakeNoMoreWorkFailTheCallAndTheLaneStillDrains() {
        Lane lane = rig.open(FakeServable.identity(DataType.FP32), LaneRig.rows(8));
        rig.pool.close();

        assertThat(refusal(rig.send(lane, Calls.x(Tensors.floats(1))))).isInstanceOf(Refusal.Failed.class);

        result(lane.drain());
    }

    @Test
    void aListenerThatThrowsDoesNotCostAnAnswer() {
        try (LaneRig deaf = new LaneRig(1, 0, new RunListener() {
            @Override
            public void executed(ModelVersion version, Execution execution) {
                throw new IllegalArgumentException("cannot count");
            }

            @Override
            public void left(ModelVersion version, Exit exit) {
                throw new IllegalArgumentException("cannot count");
            }
        })) {
            Lane lane = deaf.open(FakeServable.identity(DataType.FP32), LaneRig.rows(8));

            assertThat(value(deaf.send(lane, Calls.x(Tensors.floats(5))))).isEqualTo(5);
            assertThat(value(deaf.send(lane, Calls.x(Tensors.floats(6))))).isEqualTo(6);
        }
    }

    @Test
    void aSlowFirstRunDoesNotShutOutCallsWithShorterDeadlinesForEver() throws InterruptedException {
        FakeServable servable = FakeServable.identity(DataType.FP32).behind(gate);
        Lane lane = rig.open(servable, LaneRig.rows(1));
        Future<Answer> cold = hold(lane);
        // The first run takes as long as nobody would wait for it again.
        org.awaitility.Awaitility.await().pollDelay(Duration.ofMillis(400)).until(() -> true);
        rig.settle();
        gate.open();
        result(cold);

        boolean answered = false;
        for (int i = 0; i < 100 && !answered; i++) {
            Future<Answer> quick =
                    rig.send(lane, Calls.x(Tensors.floats(1)).within(Duration.ofMillis(300), rig.ticker));
            answered = quick.transform(done -> Future.succeededFuture(done.succeeded()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }

        assertThat(answered).isTrue();
    }

    /** A servable that misbehaves once: the call fails as a defect without its words, the next one is answered. */
    private void survives(Function<InferenceRequest, CompletionStage<InferenceResponse>> misbehaviour) {
        FakeServable good = FakeServable.identity(DataType.FP32);
        AtomicBoolean misbehaved = new AtomicBoolean();
        Lane lane = rig.open(
                new Servable() {
                    @Override
                    public Map<String, Signature> signatures() {
                        return good.signatures();
                    }

                    @Override
                    public CompletionStage<InferenceResponse> infer(InferenceRequest request) {
                        return misbehaved.compareAndSet(false, true)
                                ? misbehaviour.apply(request)
                                : good.infer(request);
                    }
                },
                LaneRig.rows(8));

        assertThat(refusal(rig.send(lane, Calls.x(Tensors.floats(1)))))
                .isEqualTo(new Refusal.Failed(ErrorCode.INTERNAL, "internal error"));
        assertThat(value(rig.send(lane, Calls.x(Tensors.floats(2))))).isEqualTo(2);
    }

    private Future<Answer> hold(Lane lane) throws InterruptedException {
        Future<Answer> held = rig.send(lane, Calls.x(Tensors.floats(0)));
        gate.awaitArrivals(1);
        return held;
    }

    private static boolean holds(InferenceRequest request, float wanted) {
        for (float value : Tensors.floatsOf(x(request))) {
            if (value == wanted) {
                return true;
            }
        }
        return false;
    }

    private static float value(Future<Answer> answer) {
        return Tensors.floatsOf(tensor(result(answer).outputs(), "y"))[0];
    }

    private static Tensor x(InferenceRequest request) {
        return tensor(request.inputs(), "x");
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // what a plugin compiled without the checker may do
    private static <T> T nothing() {
        return null;
    }
}
