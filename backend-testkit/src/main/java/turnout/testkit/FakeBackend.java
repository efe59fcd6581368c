package turnout.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import turnout.spi.Availability;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.BackendProvider;
import turnout.spi.Capability;
import turnout.spi.Device;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;
import turnout.spi.Options;
import turnout.spi.ResourceEstimate;
import turnout.spi.Servable;

/**
 * A backend without a runtime: the test says what each version loads to. It claims directories that hold a file {@value #MARKER} and is its
 * own provider.
 */
public final class FakeBackend implements Backend, BackendProvider {
    /** The file that makes a directory this backend's. */
    public static final String MARKER = "fake.model";

    private static final ResourceEstimate ESTIMATE = new ResourceEstimate(1 << 20, 0);

    private final Set<Capability> capabilities;
    private final List<Device> devices;
    private final Function<LoadRequest, ResourceEstimate> estimates;
    private final Function<LoadRequest, ? extends Servable> versions;
    private final AtomicInteger loaded = new AtomicInteger();

    /**
     * @param capabilities what it claims
     * @param versions what a version loads to; may throw as {@link Loader#load()} may, and may block
     */
    public FakeBackend(Set<Capability> capabilities, Function<LoadRequest, ? extends Servable> versions) {
        this(capabilities, List.of(Device.CPU), request -> ESTIMATE, versions);
    }

    private FakeBackend(
            Set<Capability> capabilities,
            List<Device> devices,
            Function<LoadRequest, ResourceEstimate> estimates,
            Function<LoadRequest, ? extends Servable> versions) {
        this.capabilities = Set.copyOf(capabilities);
        this.devices = List.copyOf(devices);
        this.estimates = estimates;
        this.versions = versions;
    }

    /** One that claims everything a {@link FakeServable} can do. */
    public FakeBackend(Function<LoadRequest, ? extends Servable> versions) {
        this(EnumSet.complementOf(EnumSet.of(Capability.NON_BLOCKING)), versions);
    }

    /**
     * The same on a machine with other devices; nothing is loaded on it yet.
     *
     * @param estimates what a version takes on the device that the request names
     */
    public FakeBackend on(List<Device> others, Function<LoadRequest, ResourceEstimate> estimates) {
        return new FakeBackend(capabilities, others, estimates, versions);
    }

    /** How many versions are loaded now; one counts on each of its devices. */
    public int loaded() {
        return loaded.get();
    }

    @Override
    public String platform() {
        return "fake";
    }

    @Override
    public Availability isAvailable() {
        return Availability.OK;
    }

    @Override
    public void checkOptions(Options options) {
        options.allowOnly(Set.of());
    }

    @Override
    public Backend create(BackendContext context) {
        return this;
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public List<Device> devices() {
        return devices;
    }

    @Override
    public boolean claims(Path location) {
        return Files.isRegularFile(location.resolve(MARKER));
    }

    @Override
    public Loader loader(LoadRequest request) {
        if (!devices.contains(request.device())) {
            throw new InferenceException(ErrorCode.UNSUPPORTED, "the fake backend has no device " + request.device());
        }
        return new FakeLoader(request);
    }

    @Override
    public void close() {}

    private final class FakeLoader implements Loader {
        private final LoadRequest request;

        FakeLoader(LoadRequest request) {
            this.request = request;
        }

        @Override
        public ResourceEstimate estimate() {
            return estimates.apply(request);
        }

        @Override
        public Servable load() {
            if (!claims(request.location())) {
                throw new InferenceException(ErrorCode.MODEL_FAILED, request.version() + " has no file " + MARKER);
            }
            Servable servable = versions.apply(request);
            loaded.incrementAndGet();
            return servable;
        }

        @Override
        public void unload() {
            loaded.decrementAndGet();
        }
    }
}
