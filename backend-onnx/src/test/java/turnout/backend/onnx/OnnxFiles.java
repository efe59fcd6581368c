package turnout.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.testkit.Spending;

/** Files called {@code model.onnx}: what must be known before the runtime gets one is found, or the file is refused. */
public final class OnnxFiles {
    private static final Path DIRECTORY = directory();

    private OnnxFiles() {}

    /** Looks at a file. */
    public static void fuzzerTestOneInput(byte[] model) {
        try {
            Files.write(DIRECTORY.resolve(ModelFiles.MODEL), model);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Spending.ofReading(model.length, OnnxFiles::check);
    }

    private static void check() {
        try {
            assertThat(new ModelFiles("m:1", DIRECTORY).check().externalFiles()).isEmpty();
        } catch (InferenceException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.MODEL_FAILED);
            assertThat(e.getMessage()).startsWith("m:1: ").doesNotContain(DIRECTORY.toString());
        }
    }

    private static Path directory() {
        try {
            // Memory where there is such a folder: each input is a file of its own.
            Path memory = Path.of("/dev/shm");
            return (Files.isWritable(memory)
                            ? Files.createTempDirectory(memory, "turnout")
                            : Files.createTempDirectory("turnout"))
                    .toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
