package turnout.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import turnout.spi.Availability;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.BackendProvider;
import turnout.spi.Options;

/** Serves versions that hold a {@code model.onnx}, by ONNX Runtime in this process. */
public final class OnnxProvider implements BackendProvider {
    /** Bytes of the native libraries, which are unpacked at each start unless they lie ready. */
    private static final long UNPACKED_BYTES = 32L << 20;

    /** Names the folder where they lie ready; the runtime's own property. */
    private static final String NATIVE_PATH = "onnxruntime.native.path";

    /** For {@link java.util.ServiceLoader}. */
    public OnnxProvider() {}

    @Override
    public String platform() {
        return "onnx";
    }

    @Override
    public Availability isAvailable() {
        if (System.getProperty(NATIVE_PATH) == null) {
            Availability space = spaceToUnpack(Path.of(System.getProperty("java.io.tmpdir")));
            if (!space.isOk()) {
                return space;
            }
        }
        try {
            OrtEnvironment.getAvailableProviders();
            return Availability.OK;
        } catch (LinkageError | RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return Availability.because("the native library of ONNX Runtime does not load: " + cause.getMessage());
        }
    }

    @Override
    public void checkOptions(Options options) {
        OnnxOptions.of(options);
    }

    @Override
    public Backend create(BackendContext context) {
        return new OnnxBackend(context);
    }

    static Availability spaceToUnpack(Path directory) {
        try {
            if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
                return Availability.because(
                        "cannot unpack the native library: " + directory + " is not a writable directory");
            }
            long free = Files.getFileStore(directory).getUsableSpace();
            return free >= UNPACKED_BYTES
                    ? Availability.OK
                    : Availability.because("no disk space to unpack " + (UNPACKED_BYTES >> 20) + " MiB in " + directory
                            + ": " + (free >> 20) + " MiB are free");
        } catch (IOException e) {
            return Availability.because("cannot unpack the native library in " + directory + ": " + e.getMessage());
        }
    }
}
