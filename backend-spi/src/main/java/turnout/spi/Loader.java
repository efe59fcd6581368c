package turnout.spi;

/** Loads and unloads one version. Called by one thread at a time, on load threads that may block; never on an event loop. */
public interface Loader {
    /**
     * An upper bound of the memory that the version will take, asked before {@link #load()}; a later call never gives more.
     *
     * @throws InferenceException {@link ErrorCode#MODEL_FAILED} when the files cannot even be looked at
     */
    ResourceEstimate estimate();

    /**
     * Loads the version. Called at most once, unless it threw, in which case it may be tried again; a load that throws leaves nothing
     * behind.
     *
     * @return the servable, owned by this loader and valid until {@link #unload()}
     * @throws InferenceException {@link ErrorCode#MODEL_FAILED} when the files cannot be loaded, {@link ErrorCode#UNAVAILABLE} when
     *     something needed is not there now, {@link ErrorCode#OUT_OF_MEMORY}, {@link ErrorCode#UNSUPPORTED}
     */
    Servable load();

    /** Frees all memory of the version. Called once after a successful load, when no run is under way. */
    void unload();
}
