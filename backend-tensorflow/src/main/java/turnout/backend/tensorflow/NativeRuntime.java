package turnout.backend.tensorflow;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.TF_DeviceList;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import turnout.spi.Availability;
import turnout.spi.Device;

/** TensorFlow's native library: whether it can be had here, and what it finds. */
final class NativeRuntime {
    private static final String LIBRARY = "libtensorflow_cc.so.2";
    /** What JavaCPP writes when it unpacks the library for Linux on x86-64, and a little more. */
    private static final long UNPACKED_BYTES = 700L << 20;

    private static final int CACHE_DEPTH = 10;

    private NativeRuntime() {}

    /** Loads the library, which unpacks it on the first use on a machine; says why if that cannot be. */
    static Availability load() {
        Optional<String> noRoom = lackOfRoom();
        if (noRoom.isPresent()) {
            return Availability.because(noRoom.get());
        }
        try {
            // Before any JavaCPP pointer is made: only this loads what they need.
            String version = TensorFlow.version();
            return version.isEmpty()
                    ? Availability.because("the TensorFlow library names no version")
                    : Availability.OK;
        } catch (LinkageError | RuntimeException e) {
            return Availability.because(
                    "the TensorFlow library for " + Loader.getPlatform() + " cannot be loaded: " + e);
        }
    }

    private static Optional<String> lackOfRoom() {
        try {
            File cache = Loader.getCacheDir();
            if (isUnpacked(cache.toPath()) || cache.getUsableSpace() >= UNPACKED_BYTES) {
                return Optional.empty();
            }
            return Optional.of(String.format(
                    Locale.ROOT,
                    "no disk space to unpack TensorFlow: %d MB needed in %s, %d MB free;"
                            + " set the system property org.bytedeco.javacpp.cachedir to another folder",
                    UNPACKED_BYTES >> 20,
                    cache,
                    cache.getUsableSpace() >> 20));
        } catch (IOException | RuntimeException e) {
            return Optional.of("no folder to unpack TensorFlow to (" + e.getMessage()
                    + "); set the system property org.bytedeco.javacpp.cachedir to one that can be written");
        }
    }

    private static boolean isUnpacked(Path cache) throws IOException {
        try (Stream<Path> found = Files.find(
                cache,
                CACHE_DEPTH,
                (file, attributes) -> attributes.isRegularFile()
                        && attributes.size() > UNPACKED_BYTES / 4
                        && file.endsWith(LIBRARY))) {
            return found.findAny().isPresent();
        }
    }

    /** The devices that a session can run on. Also fixes the size of TensorFlow's process-wide pool, as the first session does. */
    static List<Device> devices(int cores) {
        List<Device> devices = new ArrayList<>(List.of(Device.CPU));
        TF_Status status = tensorflow.TF_NewStatus();
        try (NativeSession session =
                NativeSession.empty(SavedModelLoader.processConfig(cores).build())) {
            TF_DeviceList list = tensorflow.TF_SessionListDevices(session.session(), status);
            Failures.check(status, "TensorFlow cannot list its devices");
            for (int i = 0; i < tensorflow.TF_DeviceListCount(list); i++) {
                String type = tensorflow.TF_DeviceListType(list, i, status).getString();
                // Only the first: sessions of one process cannot be given different cards by their settings, and
                // placing each node of a
                // graph by hand has not been tried.
                if (type.equals("GPU") && devices.size() == 1) {
                    devices.add(new Device("gpu", 0));
                }
            }
            tensorflow.TF_DeleteDeviceList(list);
            return List.copyOf(devices);
        } finally {
            tensorflow.TF_DeleteStatus(status);
        }
    }
}
