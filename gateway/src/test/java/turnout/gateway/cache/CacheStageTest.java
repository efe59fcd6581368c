package turnout.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.refusal;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.CacheOutcome;
import turnout.gateway.call.CachePolicy;
import turnout.gateway.call.Call;
import turnout.gateway.call.Next;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.rig.Answers;
import turnout.gateway.rig.Calls;
import turnout.gateway.rig.FakeRoute;
import turnout.spi.DataType;
import turnout.spi.Deadline;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.spi.Ticker;
import turnout.testkit.FakeServable;
import turnout.testkit.FakeTicker;
import turnout.testkit.ManualCancellation;
import turnout.testkit.Tensors;

class CacheStageTest {
    private static final Signature XY = FakeServable.xToY(DataType.FP32);
    private static final CachePolicy POLICY = new CachePolicy(1 << 20, Duration.ofMinutes(1));

    private final Vertx vertx = Vertx.vertx();
    private final FakeTicker clock = new FakeTicker();
    private final ResultCache results = new ResultCache(clock);
    private final CacheStage stage = new CacheStage(vertx, results, Ticker.system(), new DecodePool(vertx, 1));
    private final List<Call> runs = new ArrayList<>();
    private final List<Promise<Answer>> outcomes = new ArrayList<>();

    @AfterEach
    void close() {
        result(vertx.close());
    }

    @Test
    void aHundredIdenticalColdCallsRunOnce() {
        List<Call> calls = new ArrayList<>();
        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Call call = call(Calls.x(Tensors.floats(1, 2)));
            calls.add(call);
            answers.add(stage.handle(call, held()));
        }
        outcomes.get(0).complete(Answers.of(7));

        for (Future<Answer> answer : answers) {
            assertThat(result(answer)).isSameAs(result(answers.get(0)));
        }
        assertThat(runs).hasSize(1);
        assertThat(calls.get(0).record().cache()).isEqualTo(CacheOutcome.MISS);
        assertThat(calls.stream().skip(1)).allMatch(call -> call.record().cache() == CacheOutcome.JOINED);
    }

    @Test
    void aKeptAnswerIsServedWithoutARun() {
        Answer first = result(ask(Calls.x(Tensors.floats(1))));

        Call again = call(Calls.x(Tensors.floats(1)));
        assertThat(result(stage.handle(again, held()))).isSameAs(first);

        assertThat(runs).hasSize(1);
        assertThat(again.record().cache()).isEqualTo(CacheOutcome.HIT);
    }

    @Test
    void largeInputsAreKeptLikeSmallOnes() {
        float[] large = new float[2 << 20];
        Answer first = result(ask(Calls.x(Tensors.floats(large))));

        assertThat(result(stage.handle(call(Calls.x(Tensors.floats(large))), held())))
                .isSameAs(first);
        large[large.length - 1] = 1;
        result(ask(Calls.x(Tensors.floats(large))));

        assertThat(runs).hasSize(2);
    }

    @Test
    void withoutLeaveNothingIsKept() {
        Call call = call(Calls.x(Tensors.floats(1)), 1, 1, null);
        result(stage.handle(call, answered()));
        result(stage.handle(call(Calls.x(Tensors.floats(1)), 1, 1, null), answered()));

        assertThat(runs).hasSize(2);
        assertThat(call.record().cache()).isEqualTo(CacheOutcome.OFF);
    }

    @Test
    void theOneWhoStartedTheRunMayLeaveAndTheOthersAreAnswered() {
        ManualCancellation leader = new ManualCancellation();
        Future<Answer> first = stage.handle(call(Calls.x(Tensors.floats(1)).until(leader)), held());
        Future<Answer> second = stage.handle(call(Calls.x(Tensors.floats(1))), held());

        leader.fire();

        assertThat(refusal(first)).isEqualTo(new Refusal.CallerGone());
        assertThat(runs.get(0).cancellation().isCancelled()).isFalse();
        outcomes.get(0).complete(Answers.of(7));
        result(second);
        assertThat(runs).hasSize(1);
    }

    @Test
    void theRunIsCancelledWhenTheLastWaiterHasLeftAndTheNextCallRunsAnew() {
        ManualCancellation one = new ManualCancellation();
        ManualCancellation two = new ManualCancellation();
        stage.handle(call(Calls.x(Tensors.floats(1)).until(one)), held());
        Future<Answer> second = stage.handle(call(Calls.x(Tensors.floats(1)).until(two)), held());

        one.fire();
        assertThat(runs.get(0).cancellation().isCancelled()).isFalse();
        two.fire();

        assertThat(runs.get(0).cancellation().isCancelled()).isTrue();
        assertThat(refusal(second)).isEqualTo(new Refusal.CallerGone());
        Future<Answer> next = stage.handle(call(Calls.x(Tensors.floats(1))), held());
        assertThat(runs).hasSize(2);
        outcomes.get(0).fail(new RefusedException(new Refusal.CallerGone()));
        outcomes.get(1).complete(Answers.of(7));
        result(next);
        assertThat(one.registrations() + two.registrations()).isZero();
    }

    @Test
    void aWaitersDeadlineEndsItsWaitAndNotTheRun() {
        Future<Answer> patient = stage.handle(call(Calls.x(Tensors.floats(1))), held());
        Future<Answer> hasty =
                stage.handle(call(Calls.x(Tensors.floats(1)).within(Duration.ofMillis(10), Ticker.system())), held());

        assertThat(refusal(hasty))
                .isEqualTo(new Refusal.ExpiredBeforeRun("the deadline passed in the queue of model 'm'"));

        assertThat(runs.get(0).cancellation().isCancelled()).isFalse();
        outcomes.get(0).complete(Answers.of(7));
        result(patient);
    }

    @Test
    void aWaiterWhoseRunHadBegunExpiredInIt() {
        Future<Answer> patient = stage.handle(call(Calls.x(Tensors.floats(1))), held());
        runs.get(0).onStart().run();
        Future<Answer> hasty =
                stage.handle(call(Calls.x(Tensors.floats(1)).within(Duration.ofMillis(10), Ticker.system())), held());

        assertThat(refusal(hasty)).isEqualTo(new Refusal.ExpiredInRun("m"));
        outcomes.get(0).complete(Answers.of(7));
        result(patient);
    }

    @Test
    void aCallerWhoIsGoneOnArrivalHoldsNothing() {
        ManualCancellation gone = new ManualCancellation();
        gone.fire();

        assertThat(refusal(stage.handle(call(Calls.x(Tensors.floats(1)).until(gone)), held())))
                .isEqualTo(new Refusal.CallerGone());

        assertThat(runs).allMatch(run -> run.cancellation().isCancelled());
    }

    @Test
    void errorsAreToldToAllAndNotKept() {
        Future<Answer> one = stage.handle(call(Calls.x(Tensors.floats(1))), held());
        Future<Answer> two = stage.handle(call(Calls.x(Tensors.floats(1))), held());
        outcomes.get(0).fail(new RefusedException(new Refusal.QueueFull("m", 1, 1, Refusal.QueueFull.Unit.ROWS)));
        assertThat(refusal(one)).isEqualTo(new Refusal.QueueFull("m", 1, 1, Refusal.QueueFull.Unit.ROWS));
        assertThat(refusal(two)).isEqualTo(new Refusal.QueueFull("m", 1, 1, Refusal.QueueFull.Unit.ROWS));

        result(ask(Calls.x(Tensors.floats(1))));

        assertThat(runs).hasSize(2);
    }

    @Test
    void anAnswerIsServedUntilItsTimeIsOver() {
        result(ask(Calls.x(Tensors.floats(1))));
        clock.advance(Duration.ofSeconds(59));
        result(ask(Calls.x(Tensors.floats(1))));
        assertThat(runs).hasSize(1);

        clock.advance(Duration.ofSeconds(2));
        result(ask(Calls.x(Tensors.floats(1))));

        assertThat(runs).hasSize(2);
    }

    @Test
    void theBudgetIsKept() {
        CachePolicy small = new CachePolicy(10_000, Duration.ofMinutes(1));
        for (int i = 0; i < 100; i++) {
            result(stage.handle(call(Calls.x(Tensors.floats(i)), 1, 1, small), answered(new float[250])));
        }

        ResultCache.Usage usage = results.usage().getOrDefault("m", new ResultCache.Usage(0, 0, 0));
        assertThat(usage.bytes()).isBetween(1000L, 10_000L);
        assertThat(usage.entries()).isBetween(1L, 10L);
        assertThat(usage.maxBytes()).isEqualTo(10_000);
    }

    @Test
    void longParametersCountAgainstTheBudget() {
        CachePolicy small = new CachePolicy(100_000, Duration.ofMinutes(1));
        for (int i = 0; i < 20; i++) {
            Calls calls = Calls.x(Tensors.floats(1)).parameters(Map.of("p" + i, "x".repeat(20_000)));
            result(stage.handle(call(calls, 1, 1, small), answered(1)));
        }

        assertThat(results.usage()
                        .getOrDefault("m", new ResultCache.Usage(0, 0, 0))
                        .entries())
                .isLessThanOrEqualTo(5);
    }

    @Test
    void oneLoadIsForgottenAndNoOther() {
        result(stage.handle(call(Calls.x(Tensors.floats(1)), 1, 1, POLICY), answered(1)));
        result(stage.handle(call(Calls.x(Tensors.floats(1)), 1, 2, POLICY), answered(1)));
        result(stage.handle(call(Calls.x(Tensors.floats(1)), 2, 3, POLICY), answered(1)));

        results.forget(new ModelVersion("m", 1), 1);

        assertThat(results.usage()
                        .getOrDefault("m", new ResultCache.Usage(0, 0, 0))
                        .entries())
                .isEqualTo(2);
        result(stage.handle(call(Calls.x(Tensors.floats(1)), 1, 1, POLICY), answered(1)));
        assertThat(runs).hasSize(4);
    }

    @Test
    void aPolicyThatMakesNoSenseIsRefused() {
        org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                .isThrownBy(() -> new CachePolicy(-1, Duration.ofSeconds(1)))
                .withMessageContaining("-1");
        org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
                .isThrownBy(() -> new CachePolicy(1, Duration.ofSeconds(-1)));
    }

    @Test
    void twoCallsShareAnAnswerOnlyIfEverythingIsEqual() {
        Calls base = Calls.x(Tensors.floats(Tensors.shape(2, 1), 1, 2));
        differs(base, Calls.x(Tensors.floats(Tensors.shape(1, 2), 1, 2)));
        differs(base, Calls.x(Tensors.floats(Tensors.shape(2, 1), 1, 3)));
        differs(base, Calls.x(Tensors.ints(Tensors.shape(2, 1), 0x3f800000, 0x40000000)));
        differs(base, Calls.with(Map.of("z", Tensors.floats(Tensors.shape(2, 1), 1, 2))));
        differs(base, Calls.x(Tensors.floats(Tensors.shape(2, 1), 1, 2)).parameters(Map.of("seed", 1L)));
        differs(
                Calls.x(Tensors.floats(1)).parameters(Map.of("seed", 1L)),
                Calls.x(Tensors.floats(1)).parameters(Map.of("seed", "1")));
        differs(Calls.x(Tensors.strings("ab", "c")), Calls.x(Tensors.strings("a", "bc")));
        assertThat(key(base, XY, 1)).isEqualTo(key(Calls.x(Tensors.floats(Tensors.shape(2, 1), 1, 2)), XY, 1));
    }

    @Test
    void otherOutputsOtherSignaturesAndOtherLoadsAreOtherQuestions() {
        Signature two = Signature.of(
                "two",
                List.of(TensorSpec.of("x", DataType.FP32, -1)),
                List.of(TensorSpec.of("p", DataType.FP32, -1), TensorSpec.of("q", DataType.FP32, -1)));
        Calls plain = Calls.x(Tensors.floats(1));
        assertThat(key(plain.outputs("p"), two, 1))
                .isNotEqualTo(key(Calls.x(Tensors.floats(1)).outputs("q"), two, 1))
                .isNotEqualTo(key(Calls.x(Tensors.floats(1)).outputs("p", "q"), two, 1));
        assertThat(key(Calls.x(Tensors.floats(1)).outputs("q", "p"), two, 1))
                .isNotEqualTo(key(Calls.x(Tensors.floats(1)).outputs("p", "q"), two, 1));
        assertThat(key(Calls.x(Tensors.floats(1)).outputs("y"), XY, 1))
                .isNotEqualTo(key(Calls.x(Tensors.floats(1)).outputs("y"), two, 1))
                .isNotEqualTo(key(Calls.x(Tensors.floats(1)).outputs("y"), XY, 2));
    }

    private void differs(Calls one, Calls other) {
        assertThat(key(one, XY, 1)).isNotEqualTo(key(other, XY, 1));
    }

    private ResultKey key(Calls calls, Signature signature, long generation) {
        Call call = calls.bound(signature);
        return ResultKey.of(call.withRoute(route(1, generation, POLICY), new Deadline(0)), results.seed());
    }

    private Future<Answer> ask(Calls calls) {
        return stage.handle(call(calls), answered(7));
    }

    private Call call(Calls calls) {
        return call(calls, 1, 1, POLICY);
    }

    private Call call(Calls calls, long version, long generation, @Nullable CachePolicy policy) {
        Call call = calls.bound(XY);
        Deadline deadline = call.deadline();
        return call.withRoute(
                route(version, generation, policy),
                deadline == null ? Deadline.after(Duration.ofSeconds(60), Ticker.system()) : deadline);
    }

    private static FakeRoute route(long version, long generation, @Nullable CachePolicy policy) {
        return new FakeRoute(
                new ModelVersion("m", version),
                generation,
                "control",
                Map.of(Signature.DEFAULT, XY),
                policy,
                false,
                call -> Future.failedFuture("not played"));
    }

    private Next held() {
        return call -> {
            runs.add(call);
            Promise<Answer> outcome = Promise.promise();
            outcomes.add(outcome);
            return outcome.future();
        };
    }

    private Next answered(float... values) {
        return call -> {
            runs.add(call);
            Tensor y = Tensors.floats(values);
            return Future.succeededFuture(Answers.of(Map.of("y", y)));
        };
    }
}
