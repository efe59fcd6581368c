package turnout.dist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end. */
final class Shell {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private Shell() {}

    /**
     * What a command left behind.
     *
     * @param exitCode of the process
     * @param out what it wrote to stdout
     * @param err what it wrote to stderr
     */
    record Result(int exitCode, String out, String err) {
        @Override
        public String toString() {
            return "exit code " + exitCode + "\n--- stdout\n" + out + "--- stderr\n" + err;
        }
    }

    /** Runs it in a folder, with variables added to the environment. */
    static Result run(Path folder, Map<String, String> variables, List<String> command) {
        try {
            // Files, not pipes: a pipe that nobody reads would stop the command.
            Path out = Files.createTempFile("out", ".txt");
            Path err = Files.createTempFile("err", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(variables);
            Process process = builder.start();
            try {
                if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new AssertionError(command + " did not end in " + PATIENCE);
                }
                return new Result(process.exitValue(), text(out), text(err));
            } finally {
                process.destroyForcibly();
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
