package turnout.gateway.config.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import turnout.gateway.config.ConfigException;

/** TensorFlow Serving's files, messages written as text: each is read, or refused with the file's name and the line. */
public final class TextFiles {
    private static final Path FILE = temporary();
    private static final List<Consumer<Path>> READERS =
            List.of(ModelList::read, BatchingFile::read, MonitoringFile::path, SslFile::read);

    private TextFiles() {}

    /** Reads a file as each of the four. */
    public static void fuzzerTestOneInput(byte[] text) {
        try {
            Files.write(FILE, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Consumer<Path> reader : READERS) {
            try {
                reader.accept(FILE);
            } catch (ConfigException e) {
                assertThat(e.getMessage()).startsWith(FILE.toString());
                assertThat(e.line()).as(e.getMessage()).isNotNegative();
            }
        }
    }

    private static Path temporary() {
        try {
            // Memory where there is such a folder: each input is a file of its own.
            Path memory = Path.of("/dev/shm");
            Path file = Files.isWritable(memory)
                    ? Files.createTempFile(memory, "turnout", ".txt")
                    : Files.createTempFile("turnout", ".txt");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
