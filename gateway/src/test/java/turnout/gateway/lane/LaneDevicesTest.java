package turnout.gateway.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.failure;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.rig.Calls;
import turnout.gateway.rig.LaneRig;
import turnout.gateway.rig.Runs;
import turnout.spi.Capability;
import turnout.spi.DataType;
import turnout.spi.Device;
import turnout.spi.Ticker;
import turnout.testkit.FakeServable;
import turnout.testkit.Gate;
import turnout.testkit.Tensors;

/** Lanes whose version is loaded on several devices, each with one turn. */
class LaneDevicesTest {
    private final LaneRig rig = new LaneRig(1, 0);
    private final List<Gate> gates = new ArrayList<>();

    @AfterEach
    void close() {
        gates.forEach(Gate::open);
        rig.close();
    }

    @Test
    void callsRunOnAllDevicesAtOnceAndTheNextOneOnWhicheverIsFreeFirst() throws InterruptedException {
        Gate first = gate();
        Gate second = gate();
        Lane lane = rig.open(spec(identity(first), identity(second)));

        Future<Answer> a = rig.send(lane, Calls.x(Tensors.floats(1)));
        Future<Answer> b = rig.send(lane, Calls.x(Tensors.floats(2)));
        first.awaitArrivals(1);
        second.awaitArrivals(1);
        Future<Answer> c = rig.send(lane, Calls.x(Tensors.floats(3)));
        rig.settle();
        second.pass(1);

        second.awaitArrivals(2);
        assertThat(first.arrived()).isEqualTo(1);
        first.open();
        second.open();
        assertThat(floats(a, b, c)).containsExactly(1f, 2f, 3f);
    }

    @Test
    void aDeviceThatGetsFreeAfterAnotherTookTheBatchGivesItsTurnBack() throws InterruptedException {
        Gate busy = gate();
        Lane other = rig.open(spec(List.of(new Session(LaneRig.GPUS.get(0), identity(busy)))));
        Lane lane = rig.open(spec(FakeServable.identity(DataType.FP32), FakeServable.identity(DataType.FP32)));
        Future<Answer> held = rig.send(other, Calls.x(Tensors.floats(1)));
        busy.awaitArrivals(1);

        // Asks both, and only the second is free: the wish at the first one outlives the call.
        assertThat(floats(rig.send(lane, Calls.x(Tensors.floats(2))))).containsExactly(2f);
        Future<Answer> behind = rig.send(other, Calls.x(Tensors.floats(3)));
        busy.open();

        assertThat(floats(held, behind, rig.send(lane, Calls.x(Tensors.floats(4)))))
                .containsExactly(1f, 3f, 4f);
    }

    @Test
    void drainingWaitsForTheRunsOnEveryDevice() throws InterruptedException {
        Gate first = gate();
        Gate second = gate();
        Lane lane = rig.open(spec(identity(first), identity(second)));
        Future<Answer> a = rig.send(lane, Calls.x(Tensors.floats(1)));
        Future<Answer> b = rig.send(lane, Calls.x(Tensors.floats(2)));
        first.awaitArrivals(1);
        second.awaitArrivals(1);

        Future<Void> drained = lane.drain();
        first.open();
        assertThat(floats(a)).containsExactly(1f);
        rig.settle();
        assertThat(drained.isComplete()).isFalse();
        second.open();
        assertThat(floats(b)).containsExactly(2f);
        result(drained);
    }

    @Test
    void aBackendThatDoesNotBlockServesFromSeveralDevices() {
        FakeServable first = FakeServable.identity(DataType.FP32);
        FakeServable second = FakeServable.identity(DataType.FP32);
        Lane lane = rig.open(
                rig.spec(sessions(first, second), LaneRig.rows(1), Set.of(Capability.NON_BLOCKING), Set.of(), 1));
        assertThat(floats(rig.send(lane, Calls.x(Tensors.floats(1))), rig.send(lane, Calls.x(Tensors.floats(2)))))
                .containsExactly(1f, 2f);
        assertThat(first.requests().size() + second.requests().size()).isEqualTo(2);
    }

    @Test
    void aLaneOnADeviceWithoutWorkersDoesNotOpen() {
        Vertx vertx = rig.vertx;
        Lanes none = new Lanes(
                vertx,
                Ticker.system(),
                rig.buffers,
                Map.of(),
                new Runs(),
                (version, generation) -> {},
                new DecodePool(vertx, 1));
        Session session = new Session(new Device("gpu", 9), FakeServable.identity(DataType.FP32));
        assertThat(failure(none.open(spec(List.of(session))))).hasMessage("no workers for device gpu:9");
    }

    private Gate gate() {
        Gate gate = new Gate(Ticker.system());
        gates.add(gate);
        return gate;
    }

    private static FakeServable identity(Gate gate) {
        return FakeServable.identity(DataType.FP32).behind(gate);
    }

    private LaneSpec spec(FakeServable first, FakeServable second) {
        return spec(sessions(first, second));
    }

    /** Calls run one by one, so that each takes a turn. */
    private LaneSpec spec(List<Session> sessions) {
        return rig.spec(sessions, LaneRig.rows(1), Set.of(), Set.of(), 1);
    }

    private static List<Session> sessions(FakeServable first, FakeServable second) {
        return List.of(new Session(LaneRig.GPUS.get(0), first), new Session(LaneRig.GPUS.get(1), second));
    }

    @SafeVarargs
    private static List<Float> floats(Future<Answer>... answers) {
        List<Float> floats = new ArrayList<>();
        for (Future<Answer> answer : answers) {
            floats.add(
                    result(answer).outputs().values().iterator().next().data().getFloat());
        }
        return floats;
    }
}
