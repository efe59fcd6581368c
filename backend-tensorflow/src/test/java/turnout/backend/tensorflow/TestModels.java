package turnout.backend.tensorflow;

import java.nio.file.Path;

/** The models that the repository's tests share. */
final class TestModels {
    private TestModels() {}

    /** A version's directory. */
    static Path of(String model) {
        return Path.of("..", "testmodels", "models", model, "1")
                .toAbsolutePath()
                .normalize();
    }
}
