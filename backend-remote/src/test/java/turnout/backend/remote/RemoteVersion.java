package turnout.backend.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import turnout.protocol.codec.SignatureDefs;
import turnout.protocol.tensorflow.SignatureDef;
import turnout.spi.Backend;
import turnout.spi.Cancellation;
import turnout.spi.DataType;
import turnout.spi.Deadline;
import turnout.spi.Device;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;
import turnout.spi.ModelVersion;
import turnout.spi.Options;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.Ticker;
import turnout.testkit.FakeServable;
import turnout.testkit.Tensors;

/** A loaded remote version with a backend of its own, as a test uses it. */
final class RemoteVersion implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Backend backend = new RemoteBackend(Ticker.system());
    private final Loader loader;
    private final Servable servable;

    private RemoteVersion(Path directory, String yaml, Duration connectTimeout) throws IOException {
        Files.writeString(directory.resolve("remote.yaml"), yaml);
        loader = backend.loader(new LoadRequest(
                new ModelVersion("m", 1),
                directory,
                new Options("remote", Map.of("connect-timeout-ms", connectTimeout.toMillis())),
                Device.CPU,
                1));
        try {
            servable = loader.load();
        } catch (InferenceException e) {
            backend.close();
            throw e;
        }
    }

    static RemoteVersion load(Path directory, int... ports) throws IOException {
        return load(directory, yaml(ports));
    }

    static RemoteVersion load(Path directory, String yaml) throws IOException {
        return load(directory, yaml, Duration.ofSeconds(4));
    }

    static RemoteVersion load(Path directory, String yaml, Duration connectTimeout) throws IOException {
        return new RemoteVersion(directory, yaml, connectTimeout);
    }

    static String yaml(int... ports) {
        return "endpoints: ["
                + IntStream.of(ports).mapToObj(port -> "127.0.0.1:" + port).collect(Collectors.joining(", ")) + "]\n";
    }

    /** The signature {@code x} to {@code y} of that type, as a server tells it. */
    static SignatureDef xToY(DataType type) {
        return SignatureDefs.encode(FakeServable.xToY(type));
    }

    Map<String, Signature> signatures() {
        return servable.signatures();
    }

    CompletableFuture<InferenceResponse> send(Tensor x, Duration time, Cancellation cancellation) {
        return send(Signature.DEFAULT, x, time, cancellation);
    }

    /** Sends {@code x} and wants {@code y}. */
    CompletableFuture<InferenceResponse> send(String name, Tensor x, Duration time, Cancellation cancellation) {
        Signature signature = servable.signatures().get(name);
        if (signature == null) {
            throw new AssertionError("no signature " + name);
        }
        return servable.infer(new InferenceRequest(
                        signature,
                        Map.of("x", x),
                        List.of("y"),
                        Map.of(),
                        Deadline.after(time, Ticker.system()),
                        cancellation))
                .toCompletableFuture();
    }

    CompletableFuture<InferenceResponse> send(float x) {
        return send(Tensors.floats(x), PATIENCE, Cancellation.NEVER);
    }

    /** Sends a tensor and waits for what comes back. */
    Tensor echo(Tensor x) throws Exception {
        return echo(Signature.DEFAULT, x);
    }

    Tensor echo(String signature, Tensor x) throws Exception {
        return y(send(signature, x, PATIENCE, Cancellation.NEVER));
    }

    static Tensor y(CompletableFuture<InferenceResponse> answer) throws Exception {
        try (InferenceResponse response = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            Tensor y = response.outputs().get("y");
            if (y == null) {
                throw new AssertionError("no output y");
            }
            return y;
        }
    }

    /** Waits for a call that must fail. */
    static InferenceException failure(CompletableFuture<InferenceResponse> answer) throws Exception {
        try {
            answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).close();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InferenceException failure) {
                return failure;
            }
            throw e;
        }
        throw new AssertionError("expected a failure, but it went well");
    }

    @Override
    public void close() {
        loader.unload();
        backend.close();
    }
}
