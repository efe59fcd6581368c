package turnout.gateway.lifecycle;

import java.nio.file.Path;

/** Reads a model's own configuration file. */
@FunctionalInterface
public interface ModelConfigReader {
    /**
     * Called on the thread that looks at directories; never throws.
     *
     * @param model the model's name, for messages
     * @param file its {@code model.yaml}
     */
    Reading read(String model, Path file);

    /** What came of it. */
    sealed interface Reading {
        /** It makes sense. */
        record Good(ModelConfig config) implements Reading {}

        /** It does not: what is wrong, with line and key. */
        record Bad(String problem) implements Reading {}
    }
}
