package turnout.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Feeds bytes to a reader that must take or refuse whatever comes. There are three ways: the inputs kept under {@code src/test/corpus},
 * the same with changes, and a search for new ones that is led by the code they reach.
 *
 * @param target a public class with a method {@code public static void fuzzerTestOneInput(byte[])}, which the search calls by this name
 * @param reader that method
 */
public record Fuzzing(Class<?> target, Consumer<byte[]> reader) {
    private static final long SEED = 20_261_124;
    private static final Path CORPUS = Path.of("src", "test", "corpus");
    private static final Path FOUND = Path.of("target", "fuzz");

    /** Reads what is kept: seeds, and inputs that once did harm. */
    public void replay() {
        for (Path file : kept()) {
            read(bytes(file), file.toString());
        }
    }

    /** Reads so many changed inputs, the same ones each time. */
    public void change(int rounds) {
        Mutator mutator = new Mutator(SEED, kept().stream().map(Fuzzing::bytes).toList());
        for (int i = 0; i < rounds; i++) {
            byte[] input = mutator.next();
            read(input, "round " + i);
        }
    }

    /**
     * Lets Jazzer search in a process of its own. What it finds interesting is kept below {@code target/fuzz} and taken up by the next
     * search. It lasts {@code -Dfuzz.seconds}; {@code -Dfuzz.target} picks one target by name, and all others are passed over.
     *
     * @throws AssertionError saying where the input is that did harm
     */
    public void search() {
        String only = System.getProperty("fuzz.target", "");
        if (!only.isEmpty() && !only.equals(name())) {
            return;
        }
        search(Long.getLong("fuzz.seconds", 60));
    }

    private void search(long seconds) {
        Path found = FOUND.resolve(name()).toAbsolutePath();
        Path log = found.resolve("log.txt");
        try {
            Files.createDirectories(found.resolve("corpus"));
            Process process = new ProcessBuilder(command(found, seconds))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            int exit = process.waitFor();
            if (exit != 0) {
                throw new AssertionError(
                        name() + ": the search ended with " + exit + ", see " + log + "\n" + what(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** As messages and folders call it. */
    public String name() {
        return target.getSimpleName();
    }

    @Override
    public String toString() {
        return name();
    }

    private void read(byte[] input, String which) {
        try {
            reader.accept(input);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(name() + ", " + which + ": " + e + "; the input is " + save(input), e);
        }
    }

    private Path save(byte[] input) {
        try {
            Path file = FOUND.resolve(name()).resolve("harmful");
            Files.createDirectories(file.getParent());
            return Files.write(file, input).toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command(Path found, long seconds) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx1g");
        command.add("-Dfuzz.spending=10000");
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add("com.code_intelligence.jazzer.Jazzer");
        command.add("--target_class=" + target.getName());
        command.add("--instrumentation_includes=turnout.**");
        // Its constructor fails once Jazzer has rewritten it: NoSuchFieldError for the first component.
        command.add("--instrumentation_excludes=turnout.spi.TensorSpec");
        command.add("--custom_hook_excludes=turnout.spi.TensorSpec");
        command.add("--reproducer_path=" + found);
        command.add("-artifact_prefix=" + found + File.separator);
        command.add("-max_total_time=" + seconds);
        command.add("-timeout=10");
        command.add("-rss_limit_mb=4096");
        command.add("-print_final_stats=1");
        command.add(found.resolve("corpus").toString());
        command.add(CORPUS.resolve(name()).toAbsolutePath().toString());
        return command;
    }

    private List<Path> kept() {
        try (Stream<Path> files = Files.list(CORPUS.resolve(name()))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String what(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
