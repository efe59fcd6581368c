package turnout.gateway.lane;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static turnout.gateway.rig.Futures.refusal;
import static turnout.gateway.rig.Futures.result;
import static turnout.gateway.rig.Futures.tensor;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.Route;
import turnout.gateway.rig.Calls;
import turnout.gateway.rig.LaneRig;
import turnout.spi.Capability;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.testkit.FakeServable;
import turnout.testkit.Gate;
import turnout.testkit.ManualCancellation;
import turnout.testkit.Tensors;

/** Lanes open and drain, many share few threads, and backends that do not block need none. */
class LaneLifeTest {
    private final LaneRig rig = new LaneRig(2, 0);
    private final Gate gate = new Gate(rig.ticker);

    @AfterEach
    void nothingIsLeftOver() {
        gate.open();
        rig.close();
    }

    @Test
    void aLaneWithoutCallsDrainsAtOnceAndGivesNoMoreRights() {
        Lane lane = rig.open(FakeServable.identity(DataType.FP32), LaneRig.rows(8));

        result(lane.drain());

        assertThat(lane.acquire("control")).isEmpty();
        assertThat(rig.closed).containsExactly(lane.generation());
        result(lane.drain());
        assertThat(rig.closed).hasSize(1);
    }

    @Test
    void drainWaitsForTheLastRightToComeBack() {
        Lane lane = rig.open(FakeServable.identity(DataType.FP32), LaneRig.rows(8));
        Route one = lane.acquire("control").orElseThrow();
        Route two = lane.acquire("control").orElseThrow();

        Future<Void> drained = lane.drain();
        assertThat(lane.acquire("control")).isEmpty();
        one.release();
        one.release();
        assertThat(drained.isComplete()).isFalse();
        two.release();

        result(drained);
    }

    @Test
    void drainWaitsForARunThatNobodyWaitsForAnyMore() throws InterruptedException {
        CompletableFuture<InferenceResponse> run = new CompletableFuture<>();
        AtomicInteger begun = new AtomicInteger();
        Lane lane = rig.open(
                servable(request -> {
                    begun.incrementAndGet();
                    return run;
                }),
                LaneRig.rows(8));
        ManualCancellation caller = new ManualCancellation();
        Future<Answer> answer = rig.send(lane, Calls.x(Tensors.floats(1)).until(caller));
        await().atMost(20, SECONDS).until(() -> begun.get() == 1);

        caller.fire();
        assertThat(refusal(answer)).isEqualTo(new Refusal.CallerGone());
        Future<Void> drained = lane.drain();
        rig.settle();
        assertThat(drained.isComplete()).isFalse();
        assertThat(rig.closed).isEmpty();
        run.complete(InferenceResponse.ofHeap(Map.of("y", Tensors.floats(1))));

        result(drained);
        assertThat(rig.closed).containsExactly(lane.generation());
    }

    @Test
    void aLaneWhoseCloseIsNotWelcomeStillDrains() {
        Lane lane = rig.open(FakeServable.identity(DataType.FP32), LaneRig.rows(8));
        rig.closedFails = true;

        result(lane.drain());
    }

    @Test
    void instancesRunAtATimeAndNoMore() throws InterruptedException {
        FakeServable servable = FakeServable.identity(DataType.FP32).behind(gate);
        Lane lane = rig.open(
                rig.spec(servable, LaneRig.rows(1), Set.of(Capability.CONCURRENT_RUNS), Set.of(Signature.DEFAULT), 2));

        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(rig.send(lane, Calls.x(Tensors.floats(i))));
        }
        gate.awaitArrivals(2);
        rig.settle();
        gate.open();
        answers.forEach(future -> result(future));

        assertThat(servable.peakRuns()).isEqualTo(2);
    }

    @Test
    void aThousandLanesShareFewThreads() {
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            lanes.add(rig.open(FakeServable.identity(DataType.FP32), LaneRig.rows(8)));
        }

        List<Future<Answer>> answers = new ArrayList<>();
        for (Lane lane : lanes) {
            answers.add(rig.send(lane, Calls.x(Tensors.floats(1))));
        }
        answers.forEach(future -> result(future));

        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("turnout-rig")
                        || thread.getName().startsWith("vert.x"))
                .count();
        assertThat(threads).isBetween(1L, 64L);
    }

    @Test
    void aThousandLanesWhoseCallsHaveLeftGiveTheirTurnsBack() throws InterruptedException {
        Lane busy = rig.open(FakeServable.identity(DataType.FP32).behind(gate), LaneRig.rows(8));
        Lane busyToo = rig.open(FakeServable.identity(DataType.FP32).behind(gate), LaneRig.rows(8));
        Future<Answer> held = rig.send(busy, Calls.x(Tensors.floats(1)));
        Future<Answer> heldToo = rig.send(busyToo, Calls.x(Tensors.floats(1)));
        gate.awaitArrivals(2);
        ManualCancellation callers = new ManualCancellation();
        List<Future<Answer>> waiting = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            Lane lane = rig.open(FakeServable.identity(DataType.FP32), LaneRig.rows(8));
            waiting.add(rig.send(lane, Calls.x(Tensors.floats(1)).until(callers)));
        }
        Lane last = rig.open(FakeServable.identity(DataType.FP32), LaneRig.rows(8));
        Future<Answer> stays = rig.send(last, Calls.x(Tensors.floats(1)));

        callers.fire();
        waiting.forEach(future -> assertThat(refusal(future)).isEqualTo(new Refusal.CallerGone()));
        rig.settle();
        gate.open();

        result(held);
        result(heldToo);
        result(stays);
    }

    @Test
    void aBackendThatDoesNotBlockRunsOnTheEventLoopWithHeapBuffers() {
        List<String> threads = new ArrayList<>();
        List<Boolean> direct = new ArrayList<>();
        Lane lane = open(request -> {
            threads.add(Thread.currentThread().getName());
            direct.add(tensor(request.inputs(), "x").data().isDirect());
            return CompletableFuture.completedFuture(InferenceResponse.ofHeap(Map.of("y", Tensors.floats(1))));
        });

        result(rig.send(lane, Calls.x(Tensors.floats(1))));

        assertThat(threads).allSatisfy(name -> assertThat(name).startsWith("vert.x-eventloop"));
        assertThat(direct).containsExactly(false);
    }

    @Test
    void callsInFlightOfABackendThatDoesNotBlockAreBounded() {
        List<CompletableFuture<InferenceResponse>> running = new CopyOnWriteArrayList<>();
        Lane lane = open(request -> {
            CompletableFuture<InferenceResponse> run = new CompletableFuture<>();
            running.add(run);
            return run;
        });
        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 65; i++) {
            answers.add(rig.send(lane, Calls.x(Tensors.floats(1)).parameters(Map.of("alone", true))));
        }
        await().atMost(20, SECONDS).until(() -> running.size() == 64);

        for (int i = 0; i < 65; i++) {
            int next = i;
            await().atMost(20, SECONDS).until(() -> running.size() > next);
            assertThat(running.size() - i).isLessThanOrEqualTo(64);
            running.get(i).complete(InferenceResponse.ofHeap(Map.of("y", Tensors.floats(1))));
        }
        answers.forEach(future -> result(future));
    }

    @Test
    void aBackendThatDoesNotBlockTakesJoinedCallsToo() {
        List<InferenceRequest> requests = new CopyOnWriteArrayList<>();
        CompletableFuture<InferenceResponse> first = new CompletableFuture<>();
        Lane lane = rig.open(oneInFlight(request -> {
            requests.add(request);
            return requests.size() == 1
                    ? first
                    : CompletableFuture.completedFuture(
                            InferenceResponse.ofHeap(Map.of("y", Tensors.heapCopy(tensor(request.inputs(), "x")))));
        }));
        Future<Answer> held = rig.send(lane, Calls.x(Tensors.floats(0)));
        await().atMost(20, SECONDS).until(() -> requests.size() == 1);

        Future<Answer> a = rig.send(lane, Calls.x(Tensors.floats(1)));
        Future<Answer> b = rig.send(lane, Calls.x(Tensors.floats(2, 3)));
        rig.settle();
        first.complete(InferenceResponse.ofHeap(Map.of("y", Tensors.floats(0))));

        assertThat(Tensors.floatsOf(tensor(result(a).outputs(), "y"))).containsExactly(1);
        assertThat(Tensors.floatsOf(tensor(result(b).outputs(), "y"))).containsExactly(2, 3);
        assertThat(result(b).run().batchRows()).isEqualTo(3);
        assertThat(tensor(requests.get(1).inputs(), "x").data().isDirect()).isFalse();
        result(held);
    }

    @Test
    void aBackendThatFailsAtOnceDoesNotOverflowTheStackOfALongQueue() {
        AtomicInteger runs = new AtomicInteger();
        CompletableFuture<InferenceResponse> first = new CompletableFuture<>();
        Lane lane = rig.open(oneInFlight(request -> runs.incrementAndGet() == 1
                ? first
                : CompletableFuture.failedFuture(new InferenceException(ErrorCode.UNAVAILABLE, "away"))));
        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            answers.add(rig.send(lane, Calls.x(Tensors.floats(i)).parameters(Map.of("alone", true))));
        }
        await().atMost(20, SECONDS).until(() -> runs.get() == 1);

        rig.settle();
        first.completeExceptionally(new InferenceException(ErrorCode.UNAVAILABLE, "away"));

        for (Future<Answer> answer : answers) {
            assertThat(refusal(answer)).isEqualTo(new Refusal.Failed(ErrorCode.UNAVAILABLE, "away"));
        }
    }

    private Lane open(Function<InferenceRequest, CompletionStage<InferenceResponse>> infer) {
        return rig.open(rig.spec(servable(infer), LaneRig.rows(8), Set.of(Capability.NON_BLOCKING), Set.of(), 1));
    }

    private LaneSpec oneInFlight(Function<InferenceRequest, CompletionStage<InferenceResponse>> infer) {
        LaneSpec spec = rig.spec(
                servable(infer), LaneRig.rows(8), Set.of(Capability.NON_BLOCKING), Set.of(Signature.DEFAULT), 1);
        return new LaneSpec(
                spec.version(),
                spec.generation(),
                spec.sessions(),
                spec.capabilities(),
                spec.batching(),
                spec.joinable(),
                1,
                1,
                spec.deadline(),
                null,
                spec.maxOutputBytes());
    }

    private static Servable servable(Function<InferenceRequest, CompletionStage<InferenceResponse>> infer) {
        return new Servable() {
            @Override
            public Map<String, Signature> signatures() {
                return Map.of(Signature.DEFAULT, FakeServable.xToY(DataType.FP32));
            }

            @Override
            public CompletionStage<InferenceResponse> infer(InferenceRequest request) {
                return infer.apply(request);
            }
        };
    }
}
