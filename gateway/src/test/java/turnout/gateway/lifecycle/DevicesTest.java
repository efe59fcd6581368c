package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.gateway.lane.Session;
import turnout.spi.DataType;
import turnout.spi.Device;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.LoadRequest;
import turnout.spi.ResourceEstimate;
import turnout.spi.Servable;
import turnout.spi.Ticker;
import turnout.testkit.FakeBackend;
import turnout.testkit.FakeServable;

/** Versions on devices that only the fake backend has. */
class DevicesTest {
    private static final long MIB = 1 << 20;
    private static final Device FIRST = new Device("gpu", 0);
    private static final Device SECOND = new Device("gpu", 1);
    private static final String BOTH = "devices: [gpu:0, gpu:1]\n";

    private static Servable identity(LoadRequest request) {
        return FakeServable.identity(DataType.FP32);
    }

    /** Every version takes 1 MiB of main memory on each device, and 1 MiB of the device's own. */
    private static FakeBackend onGpus(FakeBackend backend) {
        return backend.on(
                List.of(Device.CPU, FIRST, SECOND),
                request -> new ResourceEstimate(MIB, request.device().isCpu() ? 0 : MIB));
    }

    private static Rig rig(Path root, FakeBackend backend, Map<Device, Long> deviceMemory) {
        return new Rig(root, backend, Rig.quick(100 * MIB, deviceMemory), Ticker.system()).start();
    }

    @Test
    void aVersionIsAvailableWithASessionOnEachDeviceAndLeavesAllOfThem(@TempDir Path root) {
        new Repository(root).version("m", 1).config("m", BOTH);
        FakeBackend backend = onGpus(new FakeBackend(DevicesTest::identity));
        try (Rig rig = rig(root, backend, Map.of())) {
            assertThat(rig.available("m")).containsExactly(1L);
            List<Session> sessions = rig.lane("m", 1).spec().sessions();
            assertThat(sessions).extracting(Session::device).containsExactly(FIRST, SECOND);
            assertThat(sessions.get(0).servable()).isNotSameAs(sessions.get(1).servable());
            assertThat(backend.loaded()).isEqualTo(2);
            assertThat(rig.manager.loadedBytes()).isEqualTo(2 * MIB);
            Rig.await(rig.manager.unload("m"));
            assertThat(backend.loaded()).isZero();
            assertThat(rig.manager.loadedBytes()).isZero();
        }
    }

    @Test
    void everyDeviceIsWarmedBeforeTheVersionTakesCalls(@TempDir Path root) {
        new Repository(root).version("m", 1).config("m", BOTH);
        FakeBackend backend = onGpus(new FakeBackend(DevicesTest::identity));
        try (Rig rig = rig(root, backend, Map.of())) {
            assertThat(rig.lane("m", 1).spec().sessions())
                    .allSatisfy(session -> assertThat(((FakeServable) session.servable()).requests())
                            .isNotEmpty());
        }
    }

    @Test
    void aVersionThatFailsOnOneDeviceEndsAndStaysOnNone(@TempDir Path root) {
        new Repository(root).version("m", 1).config("m", BOTH);
        FakeBackend backend = onGpus(new FakeBackend(request -> {
            if (request.device().equals(SECOND)) {
                throw new InferenceException(ErrorCode.MODEL_FAILED, "no kernel for this device");
            }
            return identity(request);
        }));
        try (Rig rig = rig(root, backend, Map.of(FIRST, MIB, SECOND, MIB))) {
            assertThat(rig.status("m").version(1).orElseThrow().failure())
                    .isEqualTo(new VersionStatus.Failure(ErrorCode.MODEL_FAILED, "no kernel for this device"));
            assertThat(backend.loaded()).isZero();
            // Its memory was given back: another one finds room on the first device.
            rig.repository.version("n", 1).config("n", "devices: [gpu:0]\n");
            await().until(() -> rig.available("n").contains(1L));
        }
    }

    @Test
    void aVersionWithoutRoomOnItsDeviceEndsUntilThereIsSome(@TempDir Path root) {
        new Repository(root).version("a", 1).config("a", BOTH);
        FakeBackend backend = onGpus(new FakeBackend(DevicesTest::identity));
        try (Rig rig = rig(root, backend, Map.of(SECOND, MIB))) {
            assertThat(rig.available("a")).containsExactly(1L);
            rig.repository.version("b", 1).config("b", "devices: [gpu:1]\n");
            rig.repository.version("c", 1).config("c", "devices: [gpu:0]\n");
            await().until(() -> rig.available("c").contains(1L));
            await().until(() -> rig.state("b", 1) == State.END);
            assertThat(rig.status("b").version(1).orElseThrow().failure())
                    .isEqualTo(new VersionStatus.Failure(
                            ErrorCode.OUT_OF_MEMORY,
                            "it needs 1.0 MiB, but only 0.0 MiB of the budget for gpu:1 of 1.0 MiB are left"));
            Rig.await(rig.manager.unload("a"));
            await().until(() -> rig.available("b").contains(1L));
        }
    }

    @Test
    void aDeviceThatTheBackendDoesNotHaveIsNamed(@TempDir Path root) {
        new Repository(root).version("m", 1).config("m", "devices: [gpu:0, gpu:7]\n");
        FakeBackend backend = onGpus(new FakeBackend(DevicesTest::identity));
        try (Rig rig = rig(root, backend, Map.of())) {
            VersionStatus.Failure failure =
                    rig.status("m").version(1).orElseThrow().failure();
            assertThat(failure)
                    .isEqualTo(new VersionStatus.Failure(
                            ErrorCode.UNSUPPORTED,
                            "the backend fake has no device gpu:7 here; it has: [cpu, gpu:0, gpu:1]"));
            assertThat(backend.loaded()).isZero();
        }
    }
}
