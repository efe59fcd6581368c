package turnout.dist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A server started by the launcher on free ports, ready when {@link #start} returns. */
final class Served implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;
    private final Path out;
    private final Path err;
    private final int port;
    private final int adminPort;
    private final long readyMillis;

    private Served(Process process, Path out, Path err, int port, int adminPort, long started) {
        this.process = process;
        this.out = out;
        this.err = err;
        this.port = port;
        this.adminPort = adminPort;
        awaitReady();
        this.readyMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
    }

    static Served start(String... options) {
        return start(Checkout.root(), Map.of(), options);
    }

    /** Serves a repository under a configuration that differs from the defaults by these lines. */
    static Served start(ModelFolder models, String... settings) {
        return startOn(Checkout.freePort(), models, settings);
    }

    /** As {@link #start(ModelFolder, String...)}, on a port that was used before. */
    static Served startOn(int port, ModelFolder models, String... settings) {
        try {
            Path folder = Files.createTempDirectory("turnout");
            List<String> lines = new ArrayList<>(List.of(settings));
            lines.add("plugins: ${TURNOUT_HOME}/plugins");
            lines.add("state-dir: " + folder);
            Path config = Files.write(folder.resolve("turnout.yaml"), lines);
            return launch(
                    Checkout.root(),
                    Map.of(),
                    port,
                    "--config",
                    config.toString(),
                    "--models",
                    models.root().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it in a folder, with variables added to the environment. */
    static Served start(Path folder, Map<String, String> variables, String... options) {
        return launch(folder, variables, Checkout.freePort(), options);
    }

    /** Runs it from TensorFlow Serving's flags; {@link #port} is the one for REST. */
    static Served tfServing(String... flags) {
        int port = Checkout.freePort();
        int adminPort = Checkout.freePort();
        List<String> command = new ArrayList<>(List.of(Checkout.launcher().toString(), "tfserving"));
        command.add("--rest_api_port=" + port);
        command.add("--turnout_admin=127.0.0.1:" + adminPort);
        command.addAll(Arrays.asList(flags));
        return start(Checkout.root(), Map.of(), port, adminPort, command);
    }

    private static Served launch(Path folder, Map<String, String> variables, int port, String... options) {
        int adminPort = Checkout.freePort();
        List<String> command = new ArrayList<>(
                List.of(Checkout.launcher().toString(), "serve", "--listen", "127.0.0.1:" + port, "--admin"));
        command.add("127.0.0.1:" + adminPort);
        command.addAll(Arrays.asList(options));
        return start(folder, variables, port, adminPort, command);
    }

    private static Served start(
            Path folder, Map<String, String> variables, int port, int adminPort, List<String> command) {
        try {
            Path out = Files.createTempFile("turnout", ".out");
            Path err = Files.createTempFile("turnout", ".err");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(variables);
            long started = System.nanoTime();
            return new Served(builder.start(), out, err, port, adminPort, started);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    int adminPort() {
        return adminPort;
    }

    long pid() {
        return process.pid();
    }

    /** From the start of the launcher to the ready line. */
    long readyMillis() {
        return readyMillis;
    }

    /** What it has written to stdout. */
    String out() {
        return text(out);
    }

    /** What it has written to stderr. */
    String err() {
        return text(err);
    }

    HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(uri(port, path)).GET());
    }

    HttpResponse<String> post(String path, String body) {
        return send(HttpRequest.newBuilder(uri(port, path)).POST(BodyPublishers.ofString(body)));
    }

    /** Calls the admin API. */
    HttpResponse<String> admin(String method, String path, String body) {
        return send(HttpRequest.newBuilder(uri(adminPort, path)).method(method, BodyPublishers.ofString(body)));
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Sends SIGKILL, and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        exitCode();
    }

    /** Waits for its end. */
    int exitCode() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("the server did not end in " + PATIENCE + "\n" + err());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        exitCode();
    }

    private static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private void awaitReady() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (readyLine().isEmpty()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new AssertionError("no ready line\n--- stdout\n" + out() + "\n--- stderr\n" + err());
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    /** The line that says that it is ready. */
    Optional<String> readyLine() {
        return out().lines().filter(line -> line.startsWith("turnout ready:")).findFirst();
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
