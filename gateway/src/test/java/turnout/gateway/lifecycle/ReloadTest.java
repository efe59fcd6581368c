package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.spi.DataType;
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
}
