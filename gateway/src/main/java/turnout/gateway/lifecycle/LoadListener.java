package turnout.gateway.lifecycle;

import java.nio.file.Path;
import java.time.Duration;
import turnout.spi.ModelVersion;

/** Hears how versions come up. Called on load threads; must be safe for any. */
@FunctionalInterface
public interface LoadListener {
    /** One that does not listen. */
    LoadListener NONE = (phase, version, location, took, outcome) -> {};

    /**
     * A phase of a version's start is over.
     *
     * @param location the version's directory
     */
    void ended(Phase phase, ModelVersion version, Path location, Duration took, Outcome outcome);

    /** What is timed. */
    enum Phase {
        /** The backend makes a session of the files. */
        LOAD,
        /** Recorded and made-up requests are run. */
        WARMUP
    }

    /** How it ended. */
    enum Outcome {
        SUCCEEDED,
        FAILED
    }
}
