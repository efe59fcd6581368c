package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Options;
import turnout.spi.Ticker;
import turnout.testkit.FakeBackend;
import turnout.testkit.FakeServable;

class ModelManagerTest {
    private static FakeServable identity() {
        return FakeServable.identity(DataType.FP32);
    }

    @Test
    void theHighestVersionIsServedOnceStartCompletes(@TempDir Path root) {
        new Repository(root).version("m", 1).version("m", 2).version("m", 10);
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            assertThat(rig.available("m")).containsExactly(10L);
            assertThat(rig.manager.isReady()).isTrue();
            assertThat(rig.route("m").lanes()).containsOnlyKeys(10L);
            assertThat(rig.route("m").defaultVersion()).hasValue(10);
            assertThat(rig.status("m").version(10).orElseThrow().platform()).isEqualTo("fake");
            assertThat(rig.status("m").version(10).orElseThrow().signatures()).containsKey("serving_default");
        }
    }

    @Test
    void aFlipPublishesTheNewVersionBeforeTheOldOneDrains(@TempDir Path root) {
        new Repository(root).version("m", 1);
        try (Rig rig = Rig.over(root, request -> identity()).holdingLanes().start()) {
            rig.repository.version("m", 2);
            await().until(() -> rig.lane("m", 1).isDraining());
            assertThat(rig.route("m").lanes()).containsOnlyKeys(2L);
            assertThat(rig.state("m", 1)).isEqualTo(State.UNLOADING);
            assertThat(rig.backend.loaded()).isEqualTo(2);
            rig.lane("m", 1).finish();
            await().until(() -> rig.state("m", 1) == State.END);
            assertThat(rig.backend.loaded()).isEqualTo(1);
        }
    }

    @Test
    void aBrokenVersionEndsWithItsCauseAndHurtsNobody(@TempDir Path root) {
        new Repository(root).version("bad", 1).version("good", 1);
        try (Rig rig = Rig.over(root, request -> {
                    if (request.version().model().equals("bad")) {
                        throw new InferenceException(ErrorCode.MODEL_FAILED, "the graph is torn");
                    }
                    return identity();
                })
                .start()) {
            assertThat(rig.available("good")).containsExactly(1L);
            assertThat(rig.status("bad").version(1).orElseThrow().failure())
                    .isEqualTo(new VersionStatus.Failure(ErrorCode.MODEL_FAILED, "the graph is torn"));
            assertThat(rig.route("bad").unavailable()).containsEntry(1L, "failed to load");
        }
    }

    @ParameterizedTest
    @MethodSource("errors")
    void anErrorOfAPluginEndsTheVersionAndNothingElse(Error error, @TempDir Path root) {
        new Repository(root).version("bad", 1);
        // Room for one version: the next one loads only if the broken one gave its memory back.
        FakeBackend backend = new FakeBackend(request -> {
            if (request.version().model().equals("bad")) {
                throw error;
            }
            return identity();
        });
        try (Rig rig = new Rig(root, backend, Rig.quick(1 << 20), Ticker.system()).start()) {
            assertThat(rig.state("bad", 1)).isEqualTo(State.END);
            assertThat(rig.status("bad").version(1).orElseThrow().failure())
                    .isEqualTo(new VersionStatus.Failure(ErrorCode.INTERNAL, "the backend broke"));
            rig.repository.version("good", 1);
            await().until(() -> rig.available("good").contains(1L));
        }
    }

    @ParameterizedTest
    @MethodSource("errors")
    void anErrorWhileWarmingUnloadsTheVersion(Error error, @TempDir Path root) {
        new Repository(root).version("m", 1);
        FakeBackend backend = new FakeBackend(request -> FakeServable.of(FakeServable.xToY(DataType.FP32), call -> {
            throw error;
        }));
        try (Rig rig = new Rig(root, backend, Rig.quick(1L << 40), Ticker.system()).start()) {
            assertThat(rig.status("m").version(1).orElseThrow().failure())
                    .isEqualTo(new VersionStatus.Failure(ErrorCode.INTERNAL, "the backend broke"));
            assertThat(backend.loaded()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("errors")
    void anErrorWhileAConfigurationIsCheckedHurtsOnlyItsModel(Error error, @TempDir Path root) {
        new Repository(root).version("bad", 1).config("bad", "fake: {}\n").version("good", 1);
        Consumer<Options> check = options -> {
            throw error;
        };
        FakeBackend backend = new FakeBackend(request -> identity());
        try (Rig rig = new Rig(root, backend, Rig.quick(1L << 40), Ticker.system(), Map.of("fake", check)).start()) {
            assertThat(rig.available("good")).containsExactly(1L);
            rig.repository.version("good", 2);
            await().until(() -> rig.available("good").contains(2L));
        }
    }

    static Stream<Error> errors() {
        return Stream.of(new AssertionError("a plugin's own"), new StackOverflowError(), new NoClassDefFoundError("x"));
    }

    @Test
    void aFailedVersionIsTriedAgainWhenItsFilesChange(@TempDir Path root) {
        new Repository(root).version("m", 1);
        AtomicBoolean whole = new AtomicBoolean();
        try (Rig rig = Rig.over(root, request -> {
                    if (!whole.get()) {
                        throw new InferenceException(ErrorCode.MODEL_FAILED, "half a file");
                    }
                    return identity();
                })
                .start()) {
            assertThat(rig.state("m", 1)).isEqualTo(State.END);
            whole.set(true);
            rig.repository.change("m", 1, "the whole file");
            await().until(() -> rig.available("m").contains(1L));
        }
    }

    @Test
    void whatIsUnavailableIsTriedAgainUntilItIsThere(@TempDir Path root) {
        new Repository(root).version("m", 1);
        AtomicInteger attempts = new AtomicInteger();
        try (Rig rig = Rig.over(root, request -> {
                    if (attempts.incrementAndGet() < 8) {
                        throw new InferenceException(ErrorCode.UNAVAILABLE, "the server is away");
                    }
                    return identity();
                })
                .start()) {
            assertThat(rig.manager.isReady()).isTrue();
            await().until(() -> rig.available("m").contains(1L));
            assertThat(rig.status("m").version(1).orElseThrow().failure()).isNull();
        }
    }

    @Test
    void loadAfterAChangeOfFilesSwapsGenerationsWithoutAGap(@TempDir Path root) {
        new Repository(root).version("m", 1);
        try (Rig rig = Rig.over(root, request -> identity()).holdingLanes().start()) {
            long before = rig.lane("m", 1).generation();
            rig.repository.change("m", 1, "other weights");
            Rig.await(rig.manager.load("m"));
            assertThat(rig.lane("m", 1).generation()).isGreaterThan(before);
            assertThat(rig.route("m").lanes()).containsEntry(1L, rig.lane("m", 1));
            assertThat(rig.lanes.get(0).isDraining()).isTrue();
            assertThat(rig.state("m", 1)).isEqualTo(State.AVAILABLE);
            rig.lanes.get(0).finish();
            await().until(() -> rig.backend.loaded() == 1);
        }
    }

    @Test
    void loadWithoutAChangeLoadsNothing(@TempDir Path root) {
        new Repository(root).version("m", 1);
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            Rig.await(rig.manager.load("m"));
            assertThat(rig.lanes).hasSize(1);
        }
    }

    @Test
    void aLoadThatFailsKeepsWhatIsServedAndSaysWhy(@TempDir Path root) {
        new Repository(root).version("m", 1);
        AtomicBoolean torn = new AtomicBoolean();
        try (Rig rig = Rig.over(root, request -> {
                    if (torn.get()) {
                        throw new InferenceException(ErrorCode.MODEL_FAILED, "the graph is torn");
                    }
                    return identity();
                })
                .start()) {
            torn.set(true);
            rig.repository.change("m", 1, "torn");
            assertThatThrownBy(() -> Rig.await(rig.manager.load("m")))
                    .isInstanceOf(ControlException.class)
                    .hasMessage("failed to load 'm', version 1: the graph is torn");
            assertThat(rig.available("m")).containsExactly(1L);
            assertThat(rig.status("m").conditions())
                    .containsExactly("version 1 could not be loaded anew and goes on as it was: the graph is torn");
        }
    }

    @Test
    void unloadKeepsAModelUnloadedUntilItIsLoaded(@TempDir Path root) {
        new Repository(root).version("m", 1);
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            Rig.await(rig.manager.unload("m"));
            assertThat(rig.available("m")).isEmpty();
            assertThat(rig.status("m").servesNothingOnPurpose()).isTrue();
            assertThat(rig.backend.loaded()).isZero();
            rig.repository.version("m", 2);
            Rig.await(rig.manager.load("m"));
            assertThat(rig.available("m")).containsExactly(2L);
            assertThat(rig.status("m").servesNothingOnPurpose()).isFalse();
        }
    }

    @Test
    void aModelThatNobodyKnowsCannotBeLoadedOrUnloaded(@TempDir Path root) {
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            assertThatThrownBy(() -> Rig.await(rig.manager.load("../x")))
                    .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.reason())
                            .isEqualTo(ControlException.Reason.NOT_FOUND))
                    .hasMessage("failed to load '../x', failed to poll from model repository");
            assertThatThrownBy(() -> Rig.await(rig.manager.unload("x")))
                    .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.reason())
                            .isEqualTo(ControlException.Reason.NOT_FOUND));
        }
    }

    @Test
    void theLastVersionStaysWhenItsDirectoryGoes(@TempDir Path root) {
        new Repository(root).version("m", 1);
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            rig.repository.remove("m/1");
            await().until(() -> !rig.status("m").conditions().isEmpty());
            assertThat(rig.available("m")).containsExactly(1L);
            assertThat(rig.status("m").conditions()).contains("version 1 is kept although its directory is gone");
        }
    }

    @Test
    void withoutKeepLastAnEmptiedDirectoryServesNothing(@TempDir Path root) {
        new Repository(root).version("m", 1).config("m", "keep-last: false\n");
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            rig.repository.remove("m/1");
            await().until(() -> rig.available("m").isEmpty());
            rig.repository.remove("m");
            await().until(() -> rig.manager.model("m").isEmpty());
            assertThat(rig.routes("m")).isFalse();
        }
    }

    @Test
    void versionsNamedByLabelsTrafficAndDefaultAreLoadedToo(@TempDir Path root) {
        new Repository(root)
                .version("m", 1)
                .version("m", 2)
                .version("m", 3)
                .version("m", 4)
                .version("m", 5)
                .config("m", "labels: {stable: 1}\ntraffic: {2: 1, stable: 9}\ndefault: 3\n");
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            assertThat(rig.available("m")).containsExactly(1L, 2L, 3L, 5L);
            assertThat(rig.status("m").weights()).isEqualTo(Map.of(1L, 9, 2L, 1));
        }
    }

    @Test
    void aBadEditKeepsTheLastGoodConfigurationAndShows(@TempDir Path root) {
        new Repository(root).version("m", 1).config("m", "labels: {stable: 1}\n");
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            rig.repository.config("m", "lables: {stable: 1}\n");
            await().until(() -> !rig.status("m").conditions().isEmpty());
            assertThat(rig.status("m").labels()).containsEntry("stable", 1L);
            assertThat(rig.status("m").conditions())
                    .containsExactly("an earlier model.yaml is still in force: m/model.yaml:1: lables: unknown key;"
                            + " did you mean \"labels\"?");
            rig.repository.config("m", "labels: {stable: 1, next: 1}\n");
            await().until(() -> rig.status("m").labels().containsKey("next"));
            assertThat(rig.status("m").conditions()).isEmpty();
        }
    }

    @Test
    void aModelWhoseFirstConfigurationIsWrongServesNothingAndSaysWhy(@TempDir Path root) {
        new Repository(root).version("m", 1).config("m", "instances: many\n");
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            assertThat(rig.available("m")).isEmpty();
            assertThat(rig.status("m").version(1).orElseThrow().failure()).isNotNull();
            assertThat(rig.status("m").conditions().get(0)).contains("m/model.yaml:1: instances: expected auto");
        }
    }

    @Test
    void otherSettingsAreTakenUpByLoadingAnew(@TempDir Path root) {
        new Repository(root).version("m", 1);
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            rig.repository.config("m", "batching: {max-batch-rows: 7}\n");
            await().until(() -> rig.lane("m", 1).spec().batching().maxBatchRows() == 7
                    && rig.route("m").lanes().get(1L) == rig.lane("m", 1));
            await().until(() -> rig.backend.loaded() == 1);
        }
    }

    @Test
    void aVersionThatCanNeverFitIsRefusedWithAClearCause(@TempDir Path root) {
        new Repository(root).version("m", 1);
        FakeBackend backend = new FakeBackend(request -> identity());
        try (Rig rig = new Rig(root, backend, Rig.quick(1000), turnout.spi.Ticker.system()).start()) {
            assertThat(Optional.ofNullable(
                                    rig.status("m").version(1).orElseThrow().failure())
                            .map(VersionStatus.Failure::message))
                    .hasValue("it needs 1.0 MiB, more than the whole memory budget of 0.0 MiB");
        }
    }

    @Test
    void aVersionThatFindsNoRoomIsLoadedWhenAnotherGoes(@TempDir Path root) {
        new Repository(root).version("a", 1).version("b", 1);
        FakeBackend backend = new FakeBackend(request -> identity());
        try (Rig rig = new Rig(root, backend, Rig.quick((1 << 20) + 10), turnout.spi.Ticker.system()).start()) {
            String loaded = rig.available("a").isEmpty() ? "b" : "a";
            String waiting = loaded.equals("a") ? "b" : "a";
            assertThat(rig.available(waiting)).isEmpty();
            Rig.await(rig.manager.unload(loaded));
            await().until(() -> !rig.available(waiting).isEmpty());
        }
    }

    @Test
    void resourcePreservingUnloadsTheOldVersionFirst(@TempDir Path root) {
        new Repository(root).version("m", 1).config("m", "policy: resource-preserving\n");
        try (Rig rig = Rig.over(root, request -> identity()).holdingLanes().start()) {
            rig.repository.version("m", 2);
            await().until(() -> rig.lane("m", 1).isDraining());
            assertThat(rig.lanes).hasSize(1);
            assertThat(rig.state("m", 2)).isEqualTo(State.START);
            rig.lane("m", 1).finish();
            await().until(() -> rig.available("m").contains(2L));
        }
    }

    @Test
    void drainingIsNotReadyWhileEverythingGoesOn(@TempDir Path root) {
        new Repository(root).version("m", 1);
        try (Rig rig = Rig.over(root, request -> identity()).start()) {
            rig.manager.beginDrain();
            assertThat(rig.manager.isReady()).isFalse();
            assertThat(rig.available("m")).containsExactly(1L);
        }
    }
}
