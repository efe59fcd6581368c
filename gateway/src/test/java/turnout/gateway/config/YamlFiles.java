package turnout.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** {@code turnout.yaml} and {@code model.yaml}: either is read, or refused with the file's name and the line. */
public final class YamlFiles {
    private static final Path FILE = temporary();
    private static final TurnoutFile TURNOUT = new TurnoutFile(name -> null, 2);
    private static final ModelFile MODEL = new ModelFile(
            name -> null, Map.of("onnx", options -> options.allowOnly(Set.of("intra-op-threads"))), Map.of());

    private YamlFiles() {}

    /** Reads a file as both. */
    public static void fuzzerTestOneInput(byte[] text) {
        try {
            Files.write(FILE, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        read(() -> MODEL.parse(FILE, "the.yaml"), "the.yaml");
        read(() -> TURNOUT.read(FILE, CommandLine.NONE), FILE.toString());
    }

    private static void read(Runnable reading, String shownAs) {
        try {
            reading.run();
        } catch (ConfigException e) {
            String message = String.valueOf(e.getMessage());
            assertThat(message).startsWith(shownAs);
            // Of the file as a whole there is no line to name.
            boolean isWhole = message.endsWith(": is not UTF-8");
            assertThat(e.line() > 0).as(message).isNotEqualTo(isWhole);
        }
    }

    private static Path temporary() {
        try {
            // Memory where there is such a folder: each input is a file of its own.
            Path memory = Path.of("/dev/shm");
            Path file = Files.isWritable(memory)
                    ? Files.createTempFile(memory, "turnout", ".yaml")
                    : Files.createTempFile("turnout", ".yaml");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
