package turnout.gateway.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import turnout.gateway.lifecycle.ModelControl.ServedModel;

/** Where the models are that are served. */
public sealed interface ModelOrigin {
    /** In a repository: every directory in it is one. */
    record Repository(Path root) implements ModelOrigin {
        @Override
        public String toString() {
            return root.toString();
        }
    }

    /**
     * On a list, each with a directory of its own.
     *
     * @param models as they are listed now
     * @param watch the file to be read again, empty where the list stands still
     */
    record Listed(List<ServedModel> models, Optional<Watch> watch) implements ModelOrigin {
        public Listed {
            models = List.copyOf(models);
        }
    }

    /**
     * A list that may change.
     *
     * @param file where it is written, as TensorFlow Serving writes it
     * @param interval how often it is read
     */
    record Watch(Path file, Duration interval) {}
}
