package turnout.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtEnvironment.ThreadingOptions;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.Capability;
import turnout.spi.Device;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;

/** The runtime's environment with its one thread pool, and the thread that wakes runs at their deadlines. */
final class OnnxBackend implements Backend {
    private final BackendContext context;
    private final OrtEnvironment environment;
    private final OrtStrings strings;
    private final OrtTensors tensors;
    private final List<Device> devices;
    private final DeadlineWatch deadlines;

    OnnxBackend(BackendContext context) {
        this.context = context;
        this.environment = environment(context.cores());
        this.strings = new OrtStrings(environment);
        this.tensors = new OrtTensors(environment, strings, WideUnsigned.find(environment));
        this.devices = CudaDevices.withCpu(environment);
        this.deadlines = new DeadlineWatch(context.ticker());
    }

    @Override
    public Set<Capability> capabilities() {
        EnumSet<Capability> claims = EnumSet.of(
                Capability.CONCURRENT_RUNS,
                Capability.STRINGS,
                Capability.CANCELS_RUNS,
                Capability.KEEPS_DEADLINES,
                Capability.HALF_FLOATS);
        if (tensors.carriesWideUnsigned()) {
            claims.add(Capability.WIDE_UNSIGNED);
        }
        return claims;
    }

    @Override
    public List<Device> devices() {
        return devices;
    }

    @Override
    public boolean claims(Path location) {
        return ModelFiles.areIn(location);
    }

    @Override
    public Loader loader(LoadRequest request) {
        if (!devices.contains(request.device())) {
            throw new InferenceException(
                    ErrorCode.UNSUPPORTED,
                    "ONNX Runtime has no device " + request.device() + " here; it has " + devices);
        }
        return new OnnxLoader(request, environment, tensors, context, deadlines);
    }

    @Override
    public void close() {
        deadlines.close();
        strings.close();
        // The environment stays: it is one per process, and the runtime gives it up for nobody.
    }

    private static OrtEnvironment environment(int cores) {
        try (ThreadingOptions threads = new ThreadingOptions()) {
            threads.setGlobalIntraOpNumThreads(cores);
            threads.setGlobalInterOpNumThreads(1);
            // Idle threads that spin take the cores from other models.
            threads.setGlobalSpinControl(false);
            // At its default level the runtime writes each failed run to standard error.
            return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "turnout", threads);
        } catch (IllegalStateException e) {
            // Somebody in this class loader made it already; its pool serves as well.
            return OrtEnvironment.getEnvironment();
        } catch (OrtException e) {
            throw new InferenceException(ErrorCode.UNAVAILABLE, "ONNX Runtime did not start", e);
        }
    }
}
