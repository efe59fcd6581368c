package turnout.gateway.lane;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static turnout.gateway.rig.Futures.refusal;
import static turnout.gateway.rig.Futures.result;
import static turnout.gateway.rig.Futures.tensor;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.CancelSource;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.Route;
import turnout.gateway.call.RunListener.Exit;
import turnout.gateway.rig.Calls;
import turnout.gateway.rig.LaneRig;
import turnout.spi.DataType;
import turnout.spi.Deadline;
import turnout.spi.Tensor;
import turnout.testkit.FakeServable;
import turnout.testkit.Gate;
import turnout.testkit.ManualCancellation;
import turnout.testkit.Tensors;

/** How calls leave a lane other than by an answer. */
class LaneExitsTest {
    private final LaneRig rig = new LaneRig(1, 0);
    private final Gate gate = new Gate(rig.ticker);
    private final FakeServable servable = FakeServable.identity(DataType.FP32).behind(gate);

    @AfterEach
    void nothingIsLeftOver() {
        gate.open();
        rig.close();
    }

    @Test
    void aFullQueueRefusesAtOnce() throws InterruptedException {
        Lane lane = rig.open(servable, queue(2, 4));
        Future<Answer> held = hold(lane);
        List<Future<Answer>> queued = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            queued.add(rig.send(lane, Calls.x(Tensors.floats(i))));
        }

        Refusal refusal = refusal(rig.send(lane, Calls.x(Tensors.floats(9))));

        assertThat(refusal).isEqualTo(new Refusal.QueueFull("m", 4, 4, Refusal.QueueFull.Unit.ROWS));
        assertThat(held.isComplete()).isFalse();
        rig.settle();
        gate.open();
        queued.forEach(future -> result(future));
        assertThat(rig.runs.exits()).contains(Exit.REFUSED);
    }

    @Test
    void aQueueFullOfBytesRefusesAtOnceAndSaysHowMuchWaits() throws InterruptedException {
        Lane lane = rig.open(servable, queue(2, 1000, 12));
        hold(lane);
        Future<Answer> queued = rig.send(lane, Calls.x(Tensors.floats(1, 2)));

        Refusal refusal = refusal(rig.send(lane, Calls.x(Tensors.floats(3, 4))));

        assertThat(refusal).isEqualTo(new Refusal.QueueFull("m", 8, 12, Refusal.QueueFull.Unit.BYTES));
        assertThat(refusal.message()).isEqualTo("the queue of model 'm' is full: 8 bytes wait, the limit is 12");
        assertThat(lane.waitingRows()).isEqualTo(2);
        assertThat(lane.waitingBytes()).isEqualTo(8);
        gate.open();
        result(queued);
        assertThat(lane.waitingRows()).isZero();
        assertThat(lane.waitingBytes()).isZero();
    }

    @Test
    void aCallLargerThanTheQueueIsTakenWhenNothingWaits() throws InterruptedException {
        Lane lane = rig.open(servable, queue(2, 4));
        hold(lane);

        Future<Answer> large = rig.send(lane, Calls.x(Tensors.floats(1, 2, 3, 4, 5, 6)));
        rig.settle();
        gate.open();

        assertThat(result(large).run().batchRows()).isEqualTo(6);
    }

    @Test
    void aDeadlineInTheQueueEndsTheWaitWhileALongRunHoldsTheTurn() throws InterruptedException {
        Lane lane = rig.open(servable, LaneRig.rows(8));
        Future<Answer> held = hold(lane);

        Refusal refusal = refusal(rig.send(lane, in(Duration.ofMillis(20))));

        assertThat(refusal).isInstanceOf(Refusal.ExpiredBeforeRun.class);
        assertThat(held.isComplete()).isFalse();
        assertThat(rig.runs.exits()).containsExactly(Exit.BATCHED, Exit.EXPIRED);
        rig.settle();
        gate.open();
        result(held);
        assertThat(servable.requests()).hasSize(1);
    }

    @Test
    void aDeadlineThatHasPassedOnArrivalIsRefused() {
        Lane lane = rig.open(servable, LaneRig.rows(8));

        assertThat(refusal(rig.send(lane, in(Duration.ZERO)))).isInstanceOf(Refusal.ExpiredBeforeRun.class);

        assertThat(servable.requests()).isEmpty();
    }

    @Test
    void aDeadlineInTheRunEndsTheCallAndTheRun() throws InterruptedException {
        Lane lane = rig.open(servable, LaneRig.rows(8));

        Refusal refusal = refusal(rig.send(lane, in(Duration.ofMillis(100))));

        // Which of the two sees it first is open: the lane's timer or the run itself.
        assertThat(refusal).isEqualTo(new Refusal.ExpiredInRun("m"));
        gate.awaitArrivals(1);
        await().atMost(20, SECONDS).until(() -> rig.runs.executions().size() == 1);
    }

    @Test
    void aCallWhoseCallerLeavesWhileItWaitsNeverRuns() throws InterruptedException {
        Lane lane = rig.open(servable, LaneRig.rows(8));
        Future<Answer> held = hold(lane);
        ManualCancellation caller = new ManualCancellation();
        Future<Answer> waiting = rig.send(lane, Calls.x(Tensors.floats(1)).until(caller));

        caller.fire();

        assertThat(refusal(waiting)).isEqualTo(new Refusal.CallerGone());
        rig.settle();
        gate.open();
        result(held);
        result(rig.send(lane, Calls.x(Tensors.floats(2))));
        assertThat(servable.requests()).hasSize(2);
        assertThat(rig.runs.exits()).containsExactly(Exit.BATCHED, Exit.CANCELLED, Exit.BATCHED);
    }

    @Test
    void aCallThatArrivesWithoutCallerNeverRuns() {
        Lane lane = rig.open(servable, LaneRig.rows(8));
        CancelSource gone = new CancelSource();
        gone.cancel();

        assertThat(refusal(rig.send(lane, Calls.x(Tensors.floats(1)).until(gone))))
                .isEqualTo(new Refusal.CallerGone());

        assertThat(servable.requests()).isEmpty();
    }

    @Test
    void whoWantsToKnowIsToldWhenTheRunBeginsAndNotBefore() throws InterruptedException {
        Lane lane = rig.open(servable, LaneRig.rows(8));
        hold(lane);
        AtomicInteger begun = new AtomicInteger();
        Route route = lane.acquire("control").orElseThrow();
        Call call = Calls.x(Tensors.floats(1))
                .bound(lane.signatures().values().iterator().next());
        Future<Answer> answer = route.run(call.withRoute(route, Deadline.after(Duration.ofMinutes(1), rig.ticker))
                .toldOfRuns(begun::incrementAndGet));
        rig.settle();
        assertThat(begun).hasValue(0);

        gate.pass(1);
        gate.awaitArrivals(2);
        assertThat(begun).hasValue(1);
        gate.open();
        result(answer);
        route.release();
        assertThat(begun).hasValue(1);
    }

    @Test
    void aRunningBatchEndsOnlyWhenItsLastLiveCallerHasLeft() throws InterruptedException {
        Lane lane = rig.open(servable, LaneRig.rows(8));
        hold(lane);
        ManualCancellation one = new ManualCancellation();
        ManualCancellation two = new ManualCancellation();
        Future<Answer> a = rig.send(lane, Calls.x(Tensors.floats(1)).until(one));
        Future<Answer> b = rig.send(lane, Calls.x(Tensors.floats(2)).until(two));
        rig.settle();
        gate.pass(1);
        gate.awaitArrivals(2);

        one.fire();
        assertThat(refusal(a)).isEqualTo(new Refusal.CallerGone());
        Future<Answer> next = rig.send(lane, Calls.x(Tensors.floats(3)));
        rig.settle();
        assertThat(rig.runs.executions()).hasSize(1);
        two.fire();

        assertThat(refusal(b)).isEqualTo(new Refusal.CallerGone());
        gate.awaitArrivals(3);
        assertThat(rig.runs.executions().get(1).succeeded()).isFalse();
        rig.settle();
        gate.open();
        assertThat(result(next).run().batchRows()).isEqualTo(1);
        assertThat(one.registrations() + two.registrations()).isZero();
    }

    @Test
    void aCallerWhoStaysGetsTheAnswerOfABatchThatOthersLeft() throws InterruptedException {
        Lane lane = rig.open(servable, LaneRig.rows(8));
        hold(lane);
        ManualCancellation leaves = new ManualCancellation();
        Future<Answer> a = rig.send(lane, Calls.x(Tensors.floats(1)).until(leaves));
        Future<Answer> b = rig.send(lane, Calls.x(Tensors.floats(2)));
        rig.settle();
        gate.pass(1);
        gate.awaitArrivals(2);

        leaves.fire();
        refusal(a);
        rig.settle();
        gate.open();

        Tensor y = tensor(result(b).outputs(), "y");
        assertThat(Tensors.floatsOf(y)).containsExactly(2);
    }

    private Future<Answer> hold(Lane lane) throws InterruptedException {
        Future<Answer> held = rig.send(lane, Calls.x(Tensors.floats(0)));
        gate.awaitArrivals(1);
        return held;
    }

    private Calls in(Duration duration) {
        return Calls.x(Tensors.floats(1)).within(duration, rig.ticker);
    }

    private static BatchingConfig queue(int rows, int queued) {
        return queue(rows, queued, BatchingConfig.DEFAULT_QUEUED_BYTES);
    }

    private static BatchingConfig queue(int rows, int queued, long bytes) {
        return new BatchingConfig(
                rows, Duration.ZERO, queued, bytes, List.of(), 0, Duration.ZERO, BatchingConfig.Join.AUTO);
    }
}
