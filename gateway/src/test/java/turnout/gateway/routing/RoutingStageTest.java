package turnout.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.refusal;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.Pipeline;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.Route;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.lane.Lane;
import turnout.gateway.rig.Answers;
import turnout.gateway.rig.Calls;
import turnout.gateway.rig.FakeLane;
import turnout.gateway.rig.FakeRoute;
import turnout.spi.Deadline;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;
import turnout.testkit.FakeTicker;
import turnout.testkit.Tensors;

class RoutingStageTest {
    private final FakeTicker ticker = new FakeTicker();
    private final ServingTable table = new ServingTable();
    private final RoutingStage stage = new RoutingStage(table, ticker);
    private final List<Call> seen = new ArrayList<>();
    private final FakeLane one = new FakeLane("m", 1);
    private final FakeLane two = new FakeLane("m", 2);

    @Test
    void aModelThatIsNotThereIsUnknown() {
        assertThat(refusal(route(call().model("other")))).isEqualTo(new Refusal.ModelUnknown("other"));
    }

    @Test
    void aVersionThatWasNeverThereIsUnknown() {
        publish(twoVersions(null));

        assertThat(refusal(route(call().selector(new VersionSelector.Exactly(9)))))
                .isEqualTo(new Refusal.VersionUnknown("m", 9));
    }

    @Test
    void aVersionThatIsKnownButHasNoLaneIsNotReadyAndSaysWhy() {
        publish(new ModelRoute(
                "m",
                new TreeMap<>(Map.of(1L, (Lane) one)),
                new TreeMap<>(Map.of(2L, "loading")),
                Map.of(),
                OptionalLong.of(1),
                null));

        assertThat(refusal(route(call().selector(new VersionSelector.Exactly(2)))))
                .isEqualTo(new Refusal.NotReady("m", 2, "loading"));
    }

    @Test
    void labelThatPointsNowhereNamesTheLabelsThatExist() {
        publish(new ModelRoute(
                "m",
                new TreeMap<>(Map.of(1L, (Lane) one)),
                new TreeMap<>(),
                Map.of("stable", 1L, "canary", 2L),
                OptionalLong.of(1),
                null));

        assertThat(refusal(route(call().selector(new VersionSelector.Labelled("beta")))))
                .isEqualTo(new Refusal.LabelUnknown("m", "beta", List.of("canary", "stable")));
        assertThat(refusal(route(call().selector(new VersionSelector.Labelled("canary")))))
                .isEqualTo(new Refusal.VersionUnknown("m", 2));
    }

    @Test
    void aLabelLeadsToItsVersion() {
        publish(new ModelRoute(
                "m",
                new TreeMap<>(Map.of(1L, (Lane) one, 2L, two)),
                new TreeMap<>(),
                Map.of("stable", 1L),
                OptionalLong.of(2),
                null));

        result(route(call().selector(new VersionSelector.Labelled("stable"))));

        assertThat(seen.get(0).routed().version()).isEqualTo(one.version());
        assertThat(seen.get(0).record().arm()).isEqualTo("explicit");
    }

    @Test
    void aModelWithoutAvailableVersionIsNotReady() {
        publish(new ModelRoute("m", new TreeMap<>(), new TreeMap<>(), Map.of(), OptionalLong.empty(), null));

        assertThat(refusal(route(call()))).isEqualTo(new Refusal.NotReady("m", -1, "no version is available"));
    }

    @Test
    void withoutSplitTheDefaultVersionAnswersAsControl() {
        publish(twoVersions(null));

        result(route(call()));

        assertThat(seen.get(0).record().version()).isEqualTo(two.version());
        assertThat(seen.get(0).record().arm()).isEqualTo("control");
    }

    @Test
    void aSplitDealsKeysAndNamesTheArm() {
        Split split = new Split("m", Map.of(1L, 50, 2L, 50));
        publish(twoVersions(split));

        for (int i = 0; i < 50; i++) {
            result(route(call().key("user-" + i)));
        }

        for (int i = 0; i < 50; i++) {
            long dealt = split.pick("user-" + i);
            assertThat(seen.get(i).routed().version().number()).isEqualTo(dealt);
            assertThat(seen.get(i).record().arm()).isEqualTo(dealt == 2 ? "treatment" : "control");
        }
    }

    @Test
    void callsWithoutKeyAreDealtOneByOne() {
        publish(twoVersions(new Split("m", Map.of(1L, 50, 2L, 50))));

        for (int i = 0; i < 200; i++) {
            result(route(call()));
        }

        assertThat(one.routes()).hasSizeBetween(50, 150);
        assertThat(two.routes()).hasSizeBetween(50, 150);
    }

    @Test
    void aNamedVersionBypassesTheSplit() {
        publish(twoVersions(new Split("m", Map.of(1L, 0, 2L, 100))));

        result(route(call().selector(new VersionSelector.Exactly(1))));

        assertThat(seen.get(0).routed().version()).isEqualTo(one.version());
        assertThat(seen.get(0).record().arm()).isEqualTo("explicit");
    }

    @Test
    void aCallThatNamesNoDeadlineGetsTheVersionsOwn() {
        publish(twoVersions(null));

        result(route(call()));
        result(route(call().within(Duration.ofMillis(5), ticker)));

        assertThat(seen.get(0).requireDeadline()).isEqualTo(Deadline.after(Duration.ofSeconds(30), ticker));
        assertThat(seen.get(1).requireDeadline()).isEqualTo(Deadline.after(Duration.ofMillis(5), ticker));
    }

    @Test
    void aLaneThatDrainsBetweenReadingAndAcquiringIsNotTheEnd() {
        two.drain();
        ModelRoute after = new ModelRoute(
                "m", new TreeMap<>(Map.of(1L, (Lane) one)), new TreeMap<>(), Map.of(), OptionalLong.of(1), null);
        // The writer swaps the table after the first look at it: the lane does it, being asked in between.
        Lane swaps = new DrainingLane(two, () -> publish(after));
        publish(new ModelRoute(
                "m", new TreeMap<>(Map.of(2L, swaps)), new TreeMap<>(), Map.of(), OptionalLong.of(2), null));

        result(route(call()));

        assertThat(seen.get(0).routed().version()).isEqualTo(one.version());
    }

    @Test
    void aLaneThatDrainsAndStaysInTheTableIsNotReady() {
        two.drain();
        publish(twoVersions(null));

        assertThat(refusal(route(call()))).isEqualTo(new Refusal.NotReady("m", -1, "it is being unloaded"));
    }

    @Test
    void theRouteIsHeldUntilTheCallEndsAndReleasedOnce() {
        publish(twoVersions(null));
        Promise<Answer> promise = Promise.promise();

        Future<Answer> answer = stage.handle(call().arrived(), call -> promise.future());
        FakeRoute route = two.routes().get(0);
        assertThat(route.releases()).isZero();
        promise.complete(Answers.of(1));

        result(answer);
        assertThat(route.releases()).isEqualTo(1);
    }

    @Test
    void theRouteIsReleasedWhenTheCallFails() {
        publish(twoVersions(null));

        refusal(stage.handle(
                call().arrived(), call -> Future.failedFuture(new RefusedException(new Refusal.CallerGone()))));

        assertThat(two.routes().get(0).releases()).isEqualTo(1);
    }

    @Test
    void theRouteIsReleasedWhenALaterStageThrows() {
        publish(twoVersions(null));
        Pipeline pipeline = new Pipeline(List.of(stage, (call, next) -> {
            throw new StackOverflowError();
        }));

        refusal(pipeline.handle(call().arrived()));

        assertThat(two.routes().get(0).releases()).isEqualTo(1);
    }

    private ModelRoute twoVersions(@Nullable Split split) {
        return new ModelRoute(
                "m",
                new TreeMap<>(Map.of(1L, (Lane) one, 2L, two)),
                new TreeMap<>(),
                Map.of(),
                OptionalLong.of(2),
                split);
    }

    private void publish(ModelRoute route) {
        table.publish(new ServingState(Map.of("m", route)));
    }

    private static Calls call() {
        return Calls.x(Tensors.floats(1));
    }

    private Future<Answer> route(Calls calls) {
        Pipeline pipeline = new Pipeline(List.of(stage, (call, next) -> {
            seen.add(call);
            return Future.succeededFuture(Answers.of(1));
        }));
        return pipeline.handle(calls.arrived());
    }

    /** A lane that drains, and tells so when it is asked. */
    private record DrainingLane(Lane drained, Runnable asked) implements Lane {
        @Override
        public ModelVersion version() {
            return drained.version();
        }

        @Override
        public long generation() {
            return drained.generation();
        }

        @Override
        public long waitingRows() {
            return 0;
        }

        @Override
        public long waitingBytes() {
            return 0;
        }

        @Override
        public Map<String, Signature> signatures() {
            return drained.signatures();
        }

        @Override
        public Optional<Route> acquire(String arm) {
            asked.run();
            return drained.acquire(arm);
        }

        @Override
        public Future<Void> drain() {
            return drained.drain();
        }
    }
}
