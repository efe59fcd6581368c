package turnout.gateway.lifecycle;

import java.nio.file.Path;
import java.util.Optional;

/** Reads a model's own configuration file. */
@FunctionalInterface
public interface ModelConfigReader {
    /**
     * Called on the thread that looks at directories; never throws.
     *
     * @param model the model's name, for messages
     * @param file its {@code model.yaml}, empty if it has none: then the settings of a model that says nothing
     */
    Reading read(String model, Optional<Path> file);

    /** What came of it. */
    sealed interface Reading {
        /** It makes sense. */
        record Good(ModelConfig config) implements Reading {}

        /** It does not: what is wrong, with line and key. */
        record Bad(String problem) implements Reading {}
    }
}
