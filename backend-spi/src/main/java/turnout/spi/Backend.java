package turnout.spi;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Makes loaders for versions of one platform and owns what they share (a native environment, a thread pool). Safe for any thread. */
public interface Backend extends AutoCloseable {
    /** What it claims; fixed for its life. */
    Set<Capability> capabilities();

    /** The devices it can place a session on here, the CPU first where it can use it. Fixed for its life. */
    List<Device> devices();

    /**
     * Whether a version's directory is of this platform. Asked on a worker thread when {@code model.yaml} names no platform; looks at file
     * names only, so it is quick, and answers false rather than throw.
     */
    boolean claims(Path location);

    /**
     * A loader for one version. Cheap: reads nothing yet. Called on a worker thread.
     *
     * @throws InferenceException {@link ErrorCode#UNSUPPORTED} when the request names a device it does not have
     */
    Loader loader(LoadRequest request);

    /** Frees what is shared. Called once, after every loader's {@link Loader#unload()}. */
    @Override
    void close();
}
