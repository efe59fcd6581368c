package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the launcher builds and when it does not, in a checkout of its own with an {@code mvn} that only pretends. */
final class LauncherIT {
    private static final List<String> TOOLS = List.of(
            "bash",
            "cat",
            "chmod",
            "date",
            "dirname",
            "find",
            "flock",
            "grep",
            "head",
            "javac",
            "mkdir",
            "mktemp",
            "readlink",
            "sleep",
            "sort",
            "tee",
            "touch");

    private final Path folder;
    private final Path checkout;
    private final Path tools;

    LauncherIT(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.checkout = Files.createDirectories(folder.resolve("a checkout"));
        this.tools = Files.createDirectories(folder.resolve("tools"));
        Files.copy(Checkout.launcher(), checkout.resolve("turnout"));
        allowExecution(checkout.resolve("turnout"));
        Files.createDirectories(checkout.resolve(".mvn"));
        Files.writeString(checkout.resolve("pom.xml"), "");
        for (String module : List.of("backend-some", "dist", "gateway", "protocols")) {
            Files.createDirectories(checkout.resolve(module).resolve("src/main"));
            Files.createDirectories(checkout.resolve(module).resolve("src/test"));
            Files.writeString(checkout.resolve(module).resolve("pom.xml"), "");
            Files.writeString(checkout.resolve(module).resolve("src/main/Code.java"), "");
        }
        for (String tool : TOOLS) {
            provide(tool);
        }
        mvn("3.9.9", """
                echo '[INFO] Building A module 1.0                    [1/2]'
                sleep 0.5
                tree=dist/target/turnout
                mkdir -p "$tree/bin"
                printf '#!/usr/bin/env bash\\necho "ran $*"\\n' > "$tree/bin/turnout"
                chmod +x "$tree/bin/turnout"
                touch "$tree/built"
                echo built >> builds
                """);
    }

    @Test
    void firstUseBuildsWithProgressAndLaterOnesDoNot() throws IOException {
        Shell.Result first = launch();
        assertThat(first.exitCode()).as(first.toString()).isZero();
        assertThat(first.out()).isEqualTo("ran serve --models some folder\n");
        assertThat(first.err()).contains("building", "1/2 A module", "built in");

        Shell.Result second = launch();
        assertThat(second.err()).isEmpty();
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void changedSourceIsBuiltAgain() throws IOException {
        launch();
        change(checkout.resolve("gateway/src/main/Code.java"));
        launch();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void deletedSourceIsBuiltAgain() throws IOException {
        launch();
        Files.delete(checkout.resolve("gateway/src/main/Code.java"));
        change(checkout.resolve("gateway/src/main"));
        launch();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void changedTestIsNot() throws IOException {
        launch();
        change(Files.writeString(checkout.resolve("gateway/src/test/CodeTest.java"), ""));
        change(checkout.resolve("gateway/src/test"));
        launch();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void neverMeansWhatWasBuiltLast() throws IOException {
        Shell.Result nothing = launch(Map.of("TURNOUT_BUILD", "never"));
        assertThat(nothing.exitCode()).isEqualTo(1);
        assertThat(nothing.err()).contains("nothing is built");

        launch();
        change(checkout.resolve("pom.xml"));
        assertThat(launch(Map.of("TURNOUT_BUILD", "never")).exitCode()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void twoFirstStartsBuildOnce() throws IOException, ExecutionException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            CompletableFuture<Shell.Result> one = CompletableFuture.supplyAsync(this::launch, threads);
            CompletableFuture<Shell.Result> other = CompletableFuture.supplyAsync(this::launch, threads);
            assertThat(one.get().exitCode()).isZero();
            assertThat(other.get().exitCode()).isZero();
        } finally {
            threads.shutdown();
        }
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void worksFromAnyFolderAndThroughALink() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), checkout.resolve("turnout"));
        Shell.Result result = Shell.run(folder, variables(Map.of()), List.of(link.toString(), "--version"));
        assertThat(result.out()).as(result.toString()).isEqualTo("ran --version\n");
    }

    @Test
    void saysThatMavenIsMissing() throws IOException {
        Files.delete(tools.resolve("mvn"));
        Shell.Result result = launch();
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("Maven 3.8.7 or newer", "no mvn on the path");
    }

    @Test
    void saysThatMavenIsTooOld() throws IOException {
        mvn("3.6.3", "");
        Shell.Result result = launch();
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("Maven 3.8.7 or newer", "3.6.3");
    }

    @Test
    void saysThatTheJdkIsMissing() throws IOException {
        Files.delete(tools.resolve("javac"));
        Shell.Result result = launch();
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("JDK, 17 or newer");
    }

    @Test
    void failedBuildShowsItsErrorsAndIsTriedAgain() throws IOException {
        mvn("3.9.9", "echo '[INFO] fine'; echo '[ERROR] Code.java: missing ;'; exit 1");
        Shell.Result result = launch();
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("[ERROR] Code.java: missing ;", "the build failed", "build.log");
        assertThat(result.err()).doesNotContain("[INFO] fine");
        assertThat(launch().err()).contains("the build failed");
    }

    private Shell.Result launch() {
        return launch(Map.of());
    }

    private Shell.Result launch(Map<String, String> more) {
        return Shell.run(
                folder,
                variables(more),
                List.of(checkout.resolve("turnout").toString(), "serve", "--models", "some folder"));
    }

    private Map<String, String> variables(Map<String, String> more) {
        return Map.of(
                "PATH", tools.toString(), "JAVA_HOME", "", "TURNOUT_BUILD", more.getOrDefault("TURNOUT_BUILD", "auto"));
    }

    private long builds() throws IOException {
        try (var lines = Files.lines(checkout.resolve("builds"))) {
            return lines.count();
        }
    }

    private void mvn(String version, String body) throws IOException {
        Path mvn = Files.writeString(tools.resolve("mvn"), """
                #!/usr/bin/env bash
                if [[ ${1:-} == --version ]]; then
                  echo 'Apache Maven %s'
                  echo 'Java version: 17.0.1, vendor: Some'
                  exit 0
                fi
                %s
                """.formatted(version, body));
        allowExecution(mvn);
    }

    private void provide(String tool) throws IOException {
        Path script = Files.writeString(
                tools.resolve(tool), "#!" + whereIs("bash") + "\nexec '" + whereIs(tool) + "' \"$@\"\n");
        allowExecution(script);
    }

    private static void allowExecution(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** As if it had been written a little after the build. */
    private static void change(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plus(Duration.ofSeconds(5))));
    }

    private static Path whereIs(String tool) throws IOException {
        for (String folder : System.getenv("PATH").split(":")) {
            Path file = Path.of(folder, tool);
            if (Files.isExecutable(file)) {
                return file.toRealPath();
            }
        }
        throw new IOException(tool + " is not on the path");
    }
}
