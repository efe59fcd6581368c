package turnout.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.gateway.config.ModelOrigin;
import turnout.gateway.lifecycle.ControlException;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.gateway.lifecycle.Rig;
import turnout.gateway.lifecycle.VersionChoice;
import turnout.spi.DataType;
import turnout.testkit.FakeBackend;
import turnout.testkit.FakeServable;

class ServedListTest {
    private final List<Promise<Void>> reloads = new CopyOnWriteArrayList<>();

    @TempDir
    Path root = Path.of("");

    private void write(String model) throws IOException {
        Files.writeString(
                root.resolve("models.config"),
                "model_config_list { config { name: '" + model
                        + "' base_path: '/nowhere' model_platform: 'tensorflow' } }");
    }

    private ServedList list(Rig rig, Function<List<ServedModel>, Future<Void>> reload) {
        return list(rig, List.of(), reload);
    }

    private ServedList list(Rig rig, List<ServedModel> first, Function<List<ServedModel>, Future<Void>> reload) {
        ModelOrigin.Watch watch = new ModelOrigin.Watch(root.resolve("models.config"), Duration.ofMillis(5));
        return new ServedList(new ModelOrigin.Listed(first, Optional.of(watch)), rig.manager, reload);
    }

    private Rig rig() {
        return Rig.over(root, request -> FakeServable.identity(DataType.FP32));
    }

    private Future<Void> reload() {
        Promise<Void> promise = Promise.promise();
        reloads.add(promise);
        return promise.future();
    }

    @Test
    void whatAReloadComesToCountsHoweverLate() throws IOException {
        write("a");
        try (Rig rig = rig()) {
            ServedList list = list(rig, models -> reload());
            list.start(rig.traffic);
            await().until(() -> reloads.size() == 1);
            assertThat(list.good()).isEqualTo(1);
            reloads.get(0).fail(new ControlException(ControlException.Reason.PRECONDITION, "no such version"));
            assertThat(list.good()).isZero();
            assertThat(list.conditions().get(0)).endsWith("no such version");
            await().until(() -> reloads.size() == 2);
            reloads.get(1).complete();
            assertThat(list.good()).isEqualTo(1);
            list.close();
        }
    }

    @Test
    void readingThatBreaksIsNotGood() throws IOException {
        write("a");
        try (Rig rig = rig()) {
            ServedList list = list(rig, models -> {
                throw new IllegalStateException("a defect");
            });
            list.start(rig.traffic);
            await().until(() -> list.good() == 0);
            list.close();
        }
    }

    @Test
    void itIsFollowedWhileTheFirstModelsAreStillBeingLoaded() throws IOException {
        write("a");
        Path version = Files.createDirectories(root.resolve("slow/1"));
        Files.writeString(version.resolve(FakeBackend.MARKER), "x");
        ServedModel slow = new ServedModel("slow", root.resolve("slow"), "fake", VersionChoice.LATEST, Map.of());
        CountDownLatch released = new CountDownLatch(1);
        try (Rig rig = Rig.over(root, request -> {
            await().until(() -> released.getCount() == 0);
            return FakeServable.identity(DataType.FP32);
        })) {
            ServedList list = list(rig, List.of(slow), models -> reload());
            Future<Void> started = list.start(rig.traffic);
            await().until(() -> reloads.size() == 1);
            assertThat(started.isComplete()).isFalse();
            released.countDown();
            Rig.await(started);
            list.close();
        }
    }

    @Test
    void onceClosedItIsNotFollowed() throws IOException {
        write("a");
        try (Rig rig = rig()) {
            ServedList list = list(rig, models -> reload());
            list.close();
            list.start(rig.traffic);
            await().during(Duration.ofMillis(100)).until(reloads::isEmpty);
        }
    }
}
