package turnout.backend.tensorflow;

import java.nio.file.Path;
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

/** Makes loaders for SavedModels; owns the thread that ends runs early. */
final class TensorFlowBackend implements Backend {
    private static final Set<Capability> CAPABILITIES = Set.of(
            Capability.CONCURRENT_RUNS,
            Capability.STRINGS,
            Capability.BINARY_STRINGS,
            Capability.CANCELS_RUNS,
            Capability.KEEPS_DEADLINES,
            Capability.HALF_FLOATS,
            Capability.WIDE_UNSIGNED,
            Capability.LOOSE_SHAPES);

    private final BackendContext context;
    private final List<Device> devices;
    private final RunWatch watch;

    TensorFlowBackend(BackendContext context) {
        this.context = context;
        this.devices = NativeRuntime.devices(context.cores());
        this.watch = new RunWatch(context.ticker());
    }

    @Override
    public Set<Capability> capabilities() {
        return CAPABILITIES;
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
                    ErrorCode.UNSUPPORTED, "TensorFlow has no device " + request.device() + " here; it has " + devices);
        }
        return new SavedModelLoader(request, watch, context.ticker(), context.cores());
    }

    @Override
    public void close() {
        watch.close();
    }
}
