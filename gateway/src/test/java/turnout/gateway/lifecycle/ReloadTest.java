package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.spi.DataType;
import turnout.spi.Ticker;
import turnout.testkit.FakeBackend;
import turnout.testkit.FakeServable;

class ReloadTest {
    private static Rig rig(Path root) {
        new Repository(root).version("a", 1).version("a", 2).version("b", 1);
        return Rig.over(root, request -> FakeServable.identity(DataType.FP32)).start();
    }

    private static ServedModel served(
            Rig rig, String name, String folder, VersionChoice choice, Map<String, Long> labels) {
        return new ServedModel(name, rig.repository.model(folder), "fake", choice, labels);
    }

    private static void refused(Rig rig, ControlException.Reason reason, String message, ServedModel... models) {
        assertThatThrownBy(() -> Rig.await(rig.manager.reload(List.of(models))))
                .isInstanceOfSatisfying(
                        ControlException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(message);
        assertThat(rig.available("a")).containsExactly(2L);
        assertThat(rig.available("b")).containsExactly(1L);
    }

    @Test
    void aReloadReplacesTheModelsThatAreServed(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            Rig.await(rig.manager.reload(List.of(
                    served(rig, "a", "a", new VersionChoice.All(), Map.of()),
                    served(rig, "fresh", "b", VersionChoice.LATEST, Map.of()))));
            assertThat(rig.available("fresh")).containsExactly(1L);
            await().until(() -> rig.available("a").equals(List.of(1L, 2L)));
            assertThat(rig.routes("b")).isFalse();
            await().until(() -> rig.manager.model("b").isEmpty());
            assertThat(rig.backend.loaded()).isEqualTo(3);
        }
    }

    @Test
    void aReloadNarrowsTheVersions(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            Rig.await(rig.manager.reload(
                    List.of(served(rig, "a", "a", new VersionChoice.Specific(new TreeSet<>(List.of(1L))), Map.of()))));
            await().until(() -> rig.available("a").equals(List.of(1L)));
        }
    }

    @Test
    void aBadReloadIsRefusedInWordsThatClientsKnowAndChangesNothing(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            ServedModel a = served(rig, "a", "a", VersionChoice.LATEST, Map.of());
            refused(
                    rig,
                    ControlException.Reason.INVALID,
                    "Illegal to list model a multiple times in config list",
                    a,
                    a);
            refused(
                    rig,
                    ControlException.Reason.INVALID,
                    "Expected model a to have an absolute path or URI; got base_path()=models/a",
                    new ServedModel("a", Path.of("models/a"), "fake", VersionChoice.LATEST, Map.of()));
            refused(
                    rig,
                    ControlException.Reason.INVALID,
                    "Model a requests unsupported platform caffe",
                    new ServedModel("a", rig.repository.model("a"), "caffe", VersionChoice.LATEST, Map.of()));
            refused(
                    rig,
                    ControlException.Reason.PRECONDITION,
                    "Request to assign label to version 43 of model a, which is not currently available for inference",
                    served(rig, "a", "a", VersionChoice.LATEST, Map.of("canary", 43L)));
        }
    }

    @Test
    void theNameTensorflowSaysNothingAboutTheFiles(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            for (@Nullable String platform : new @Nullable String[] {"tensorflow", null}) {
                Rig.await(rig.manager.reload(List.of(new ServedModel(
                        "n" + platform, rig.repository.model("a"), platform, VersionChoice.LATEST, Map.of()))));
                assertThat(rig.available("n" + platform)).containsExactly(2L);
            }
        }
    }

    @Test
    void aLabelMayNameAVersionThatTheSameReloadLoads(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            Rig.await(rig.manager.reload(List.of(served(rig, "a", "a", VersionChoice.LATEST, Map.of("stable", 1L)))));
            await().until(() -> rig.available("a").contains(1L));
            assertThat(rig.status("a").labels()).containsEntry("stable", 1L);
        }
    }

    @Test
    void aMovedLabelStaysWhereItIsUntilItsNewVersionIsAvailable(@TempDir Path root) {
        new Repository(root).version("m", 1).version("m", 2).version("m", 3).config("m", "labels: {stable: 1}\n");
        turnout.testkit.Gate gate = new turnout.testkit.Gate(turnout.spi.Ticker.system());
        try (Rig rig = Rig.over(
                        root,
                        request -> request.version().number() == 2
                                ? FakeServable.identity(DataType.FP32).behind(gate)
                                : FakeServable.identity(DataType.FP32))
                .start()) {
            rig.repository.config("m", "labels: {stable: 2}\n");
            await().until(() -> rig.state("m", 2) == State.LOADING);
            assertThat(rig.route("m").labels()).containsEntry("stable", 1L);
            assertThat(rig.available("m")).containsExactly(1L, 3L);
            gate.open();
            await().until(() -> rig.route("m").labels().equals(Map.of("stable", 2L)));
            await().until(() -> rig.available("m").equals(List.of(2L, 3L)));
        }
    }

    @Test
    void aMissingDirectoryHurtsOnlyItsOwnModel(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            Rig.await(rig.manager.reload(List.of(
                    served(rig, "a", "a", VersionChoice.LATEST, Map.of()),
                    served(rig, "ghost", "no_such_folder", VersionChoice.LATEST, Map.of()))));
            assertThat(rig.available("a")).containsExactly(2L);
            assertThat(rig.status("ghost").conditions())
                    .containsExactly("its directory cannot be read: it does not exist");
        }
    }

    @Test
    void reloadingTheSameChangesNothing(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            List<ServedModel> same = List.of(served(rig, "a", "a", VersionChoice.LATEST, Map.of()));
            Rig.await(rig.manager.reload(same));
            int lanes = rig.lanes.size();
            Rig.await(rig.manager.reload(same));
            Rig.await(rig.manager.reload(same));
            assertThat(rig.lanes).hasSize(lanes);
        }
    }

    @Test
    void aModelOfTheRepositoryCanBeLoadedAgainAfterAReloadLeftItOut(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            Rig.await(rig.manager.reload(List.of(served(rig, "a", "a", VersionChoice.LATEST, Map.of()))));
            Rig.await(rig.manager.load("b"));
            assertThat(rig.available("b")).containsExactly(1L);
        }
    }

    @Test
    void theAdminApiMovesTrafficToVersionsThatWereNotLoaded(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            Rig.await(rig.traffic.setTraffic("a", Map.of("1", 90, "2", 10)));
            await().until(() -> rig.status("a").weights().equals(Map.of(1L, 90, 2L, 10)));
            assertThat(rig.status("a").conditions()).contains("traffic is overridden by the admin API");
            Rig.await(rig.traffic.clearTraffic("a"));
            await().until(() -> rig.available("a").equals(List.of(2L)));
            assertThat(rig.status("a").weights()).isEmpty();
        }
    }

    @Test
    void anEditOfTheFilesTrafficEndsTheOverride(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            Rig.await(rig.traffic.setTraffic("a", Map.of("2", 1)));
            rig.repository.config("a", "traffic: {1: 1, 2: 3}\n");
            await().until(() -> rig.status("a").weights().equals(Map.of(1L, 1, 2L, 3)));
        }
    }

    @Test
    void labelsAreMovedOnlyFromWhereTheyWereExpected(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            Rig.await(rig.traffic.setLabel("a", "stable", 1, OptionalLong.empty()));
            await().until(() -> rig.available("a").contains(1L));
            assertThatThrownBy(() -> Rig.await(rig.traffic.setLabel("a", "stable", 2, OptionalLong.empty())))
                    .hasMessage("label stable points at version 1 now; it was expected to point nowhere");
            Rig.await(rig.traffic.setLabel("a", "stable", 2, OptionalLong.of(1)));
            assertThat(rig.route("a").labels()).containsEntry("stable", 2L);
            await().until(() -> rig.available("a").equals(List.of(2L)));
        }
    }

    @Test
    void trafficToWhatDoesNotExistIsRefused(@TempDir Path root) {
        try (Rig rig = rig(root)) {
            assertThatThrownBy(() -> Rig.await(rig.traffic.setTraffic("a", Map.of("9", 1))))
                    .hasMessage("model 'a' has no version 9");
            assertThatThrownBy(() -> Rig.await(rig.traffic.setTraffic("a", Map.of("canary", 1))))
                    .hasMessage("model 'a' has no label canary");
            assertThatThrownBy(() -> Rig.await(rig.traffic.setTraffic("nope", Map.of("1", 1))))
                    .hasMessage("there is no model 'nope'");
        }
    }

    @Test
    void aListServesFromTheStartWhatItNamesWhereverThatLies(@TempDir Path root, @TempDir Path elsewhere) {
        new Repository(root).version("a", 1);
        new Repository(elsewhere).version("b", 1).version("b", 2).config("b", "versions: all");
        try (Rig rig = Rig.over(root, request -> FakeServable.identity(DataType.FP32))) {
            ServedModel b = new ServedModel("mine", elsewhere.resolve("b"), null, null, Map.of());
            ServedModel gone = new ServedModel("gone", elsewhere.resolve("none"), null, null, Map.of());
            Rig.await(rig.manager.start(rig.traffic, List.of(b, gone)));
            assertThat(rig.available("mine")).containsExactly(1L, 2L);
            assertThat(rig.available("gone")).isEmpty();
            assertThat(rig.manager.model("a")).isEmpty();
            assertThat(rig.manager.isReady()).isTrue();
            new Repository(elsewhere).version("b", 3).version("none", 7);
            await().until(() -> rig.available("mine").contains(3L));
            await().until(() -> rig.available("gone").equals(List.of(7L)));
        }
    }

    @Test
    void whatAListSaysGoesBeforeTheModelsFileAndWhatItDoesNotSayIsLeftToIt(@TempDir Path root) {
        new Repository(root).version("a", 1).version("a", 2).config("a", "{versions: all, labels: {old: 1}}");
        try (Rig rig = Rig.over(root, request -> FakeServable.identity(DataType.FP32))) {
            Rig.await(rig.manager.start(rig.traffic, List.of(served(rig, "a", "a", VersionChoice.LATEST, Map.of()))));
            assertThat(rig.status("a").labels()).isEqualTo(Map.of("old", 1L));
            Rig.await(rig.manager.reload(List.of(served(rig, "a", "a", VersionChoice.LATEST, Map.of("new", 2L)))));
            await().until(() -> rig.status("a").labels().equals(Map.of("new", 2L)));
            await().until(() -> rig.available("a").equals(List.of(2L)));
        }
    }

    @Test
    void atTheStartALabelMayPointAtAVersionThatComesLater(@TempDir Path root) {
        new Repository(root).version("a", 1);
        try (Rig rig = Rig.over(root, request -> FakeServable.identity(DataType.FP32))) {
            Rig.await(rig.manager.start(
                    rig.traffic, List.of(served(rig, "a", "a", VersionChoice.LATEST, Map.of("canary", 2L)))));
            assertThat(rig.available("a")).containsExactly(1L);
            new Repository(root).version("a", 2);
            await().until(() -> rig.available("a").contains(2L));
        }
    }

    @Test
    void laterLabelsMayPointAtSuchAVersionOnlyWhereThatIsAllowed(@TempDir Path root) {
        new Repository(root).version("a", 1);
        LifecycleConfig quick = Rig.quick(1L << 40);
        LifecycleConfig anyLabel = new LifecycleConfig(
                quick.loadThreads(),
                quick.memoryBudget(),
                quick.pollInterval(),
                quick.cores(),
                quick.firstRetry(),
                quick.lastRetry(),
                quick.mostRetries(),
                LifecycleConfig.Labels.ANY);
        FakeBackend backend = new FakeBackend(request -> FakeServable.identity(DataType.FP32));
        try (Rig rig = new Rig(root, backend, anyLabel, Ticker.system()).start()) {
            Rig.await(rig.manager.reload(List.of(served(rig, "a", "a", VersionChoice.LATEST, Map.of("canary", 43L)))));
            await().until(() -> rig.status("a").labels().containsKey("canary"));
            assertThat(rig.available("a")).containsExactly(1L);
        }
    }

    @Test
    void whereDirectoriesAreLookedAtOnceAReloadLooksAgain(@TempDir Path root) {
        new Repository(root).version("a", 1);
        LifecycleConfig quick = Rig.quick(1L << 40);
        LifecycleConfig once = new LifecycleConfig(
                quick.loadThreads(),
                quick.memoryBudget(),
                Duration.ZERO,
                quick.cores(),
                quick.firstRetry(),
                quick.lastRetry(),
                quick.mostRetries(),
                quick.labels());
        FakeBackend backend = new FakeBackend(request -> FakeServable.identity(DataType.FP32));
        try (Rig rig = new Rig(root, backend, once, Ticker.system())) {
            ServedModel all = served(rig, "a", "a", new VersionChoice.All(), Map.of());
            Rig.await(rig.manager.start(rig.traffic, List.of(all)));
            new Repository(root).version("b", 1);
            Rig.await(rig.manager.reload(List.of(all, served(rig, "b", "b", VersionChoice.LATEST, Map.of()))));
            assertThat(rig.available("b")).containsExactly(1L);
        }
    }
}
