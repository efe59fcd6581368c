package turnout.backend.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.testkit.Spending;

/** Files called {@code saved_model.pb}: what is judged before TensorFlow gets one is found, or the file is refused. */
public final class SavedModels {
    private static final Path DIRECTORY = directory();
    // Says of every signature that it leaves out, thousands of times.
    private static final Logger QUIET = Logger.getLogger(Signatures.class.getName());

    static {
        QUIET.setLevel(Level.OFF);
    }

    private SavedModels() {}

    /** Judges a file. */
    public static void fuzzerTestOneInput(byte[] model) {
        try {
            Files.write(DIRECTORY.resolve("saved_model.pb"), model);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Spending.ofReading(model.length, SavedModels::judge);
    }

    private static void judge() {
        try {
            ModelFiles files = new ModelFiles(DIRECTORY);
            MetaGraph graph = files.graph(Set.of("serve"));
            new OpPolicy(Set.of()).refused(graph);
            OpPolicy.keepers(graph);
            Signatures.of("m:1", graph.signatures());
            files.requireVariablesOf(graph);
        } catch (InferenceException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.MODEL_FAILED);
            assertThat(e.getMessage()).isNotBlank().doesNotContain(DIRECTORY.toString());
        }
    }

    private static Path directory() {
        try {
            // Memory where there is such a folder: each input is a file of its own.
            Path memory = Path.of("/dev/shm");
            return Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "turnout")
                    : Files.createTempDirectory("turnout");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
