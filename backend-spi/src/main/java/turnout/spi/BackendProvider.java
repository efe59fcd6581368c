package turnout.spi;

/**
 * The way into a plugin: found by {@link java.util.ServiceLoader} in the plugin's own class loader, created once, closed never (its
 * {@link Backend} is).
 */
public interface BackendProvider {
    /**
     * The platform it serves, as written in {@code model.yaml} and shown in metadata: {@code tensorflow_savedmodel}, {@code onnx}. Lower
     * case, digits and underscores; also the name of its section in the configuration.
     */
    String platform();

    /**
     * Whether it can work on this machine. Called once at start-up before {@link #create}, on a worker thread; may look at the disk and
     * load native libraries. Must not throw: what cannot work is said in the answer.
     */
    Availability isAvailable();

    /**
     * Checks its section of a {@code model.yaml} without loading anything.
     *
     * @throws OptionException naming the key at fault
     */
    void checkOptions(Options options);

    /**
     * Creates the backend; called once, on a worker thread, only if {@link #isAvailable()} said so.
     *
     * @throws InferenceException {@link ErrorCode#UNAVAILABLE} when it cannot start after all
     */
    Backend create(BackendContext context);
}
