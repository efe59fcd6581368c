package turnout.backend.remote;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.client.GrpcClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import turnout.backend.remote.RemoteCall.RemoteServer;
import turnout.protocol.tfserving.GetModelMetadataRequest;
import turnout.protocol.tfserving.ModelSpec;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;
import turnout.spi.ResourceEstimate;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Ticker;

/** "Loads" a version by asking a server for its signatures; owns the version's connections. */
final class RemoteLoader implements Loader {
    // One connection per endpoint and its windows.
    private static final ResourceEstimate ESTIMATE = new ResourceEstimate(1 << 20, 0);
    // Signatures may be long in coming from a busy server, but not without bounds: loads wait for each other.
    private static final int METADATA_TIMEOUTS = 5;
    private static final int MAX_FILE_BYTES = 64 << 10;

    private final LoadRequest request;
    private final Vertx vertx;
    private final Context loop;
    private final Ticker ticker;
    private @Nullable Loaded loaded;

    RemoteLoader(LoadRequest request, Vertx vertx, Context loop, Ticker ticker) {
        this.request = request;
        this.vertx = vertx;
        this.loop = loop;
        this.ticker = ticker;
    }

    private record Loaded(RemoteServable servable, Endpoints endpoints, GrpcClient client) {}

    @Override
    public ResourceEstimate estimate() {
        return ESTIMATE;
    }

    @Override
    public Servable load() {
        RemoteConfig config = RemoteConfigParser.parse(read());
        ModelSpec spec = config.spec(request.version());
        RemoteOptions options = RemoteOptions.of(request.options());
        GrpcClient client = RemoteClients.create(vertx, options);
        try {
            return load(config, spec, options, client);
        } catch (RuntimeException | Error e) {
            // Nobody unloads what failed to load: whatever went wrong, its connections end here.
            RemoteClients.close(client);
            throw e;
        }
    }

    private Servable load(RemoteConfig config, ModelSpec spec, RemoteOptions options, GrpcClient client) {
        Endpoints endpoints = new Endpoints(vertx, client, config.endpoints(), spec);
        try {
            RemoteServer server = new RemoteServer(vertx, client, endpoints, new RetryBudget(), ticker);
            Map<String, Signature> signatures = RemoteSignatures.parse(
                    metadata(server, spec, options.connectTimeout().multipliedBy(METADATA_TIMEOUTS)));
            RemoteServable servable = new RemoteServable(loop, server, spec, signatures);
            loaded = new Loaded(servable, endpoints, client);
            return servable;
        } catch (RuntimeException | Error e) {
            close(endpoints);
            throw e;
        }
    }

    @Override
    public void unload() {
        Loaded version = loaded;
        loaded = null;
        if (version != null) {
            version.servable().close();
            close(version.endpoints());
            RemoteClients.close(version.client());
        }
    }

    private String read() {
        Path file = request.location().resolve(RemoteConfig.FILE);
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new InferenceException(
                        ErrorCode.MODEL_FAILED, RemoteConfig.FILE + " is larger than " + MAX_FILE_BYTES + " bytes");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new InferenceException(ErrorCode.MODEL_FAILED, RemoteConfig.FILE + " cannot be read", e);
        }
    }

    private byte[] metadata(RemoteServer server, ModelSpec spec, Duration timeout) {
        Buffer body = Buffer.buffer(GetModelMetadataRequest.newBuilder()
                .setModelSpec(spec)
                .addMetadataField(RemoteSignatures.FIELD)
                .build()
                .toByteArray());
        Deadline deadline = Deadline.after(timeout, ticker);
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        loop.runOnContext(v -> {
            var unused = new RemoteCall(server, RemoteMethod.GET_MODEL_METADATA, body, deadline)
                    .start(Cancellation.NEVER)
                    .whenComplete((message, failure) -> {
                        if (failure == null) {
                            answer.complete(message.getBytes());
                        } else {
                            answer.completeExceptionally(failure);
                        }
                    });
        });
        try {
            // Longer than the deadline: this bound is only for a loop that is gone.
            return answer.get(timeout.plusSeconds(5).toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InferenceException(ErrorCode.UNAVAILABLE, "loading was interrupted", e);
        } catch (ExecutionException e) {
            throw loadFailure(e.getCause());
        } catch (TimeoutException e) {
            throw new InferenceException(ErrorCode.UNAVAILABLE, "no remote server answered in time", e);
        }
    }

    // Of a run's failures only some make sense for a load.
    private static InferenceException loadFailure(@Nullable Throwable cause) {
        if (!(cause instanceof InferenceException failure)) {
            return new InferenceException(ErrorCode.INTERNAL, "asking for the signatures failed unexpectedly", cause);
        }
        return switch (failure.code()) {
            case DEADLINE, CANCELLED ->
                new InferenceException(ErrorCode.UNAVAILABLE, "no remote server answered in time", failure);
            case INVALID_INPUT -> new InferenceException(ErrorCode.MODEL_FAILED, failure.getMessage(), failure);
            case UNSUPPORTED, MODEL_FAILED, OUT_OF_MEMORY, UNAVAILABLE, INTERNAL -> failure;
        };
    }

    private void close(Endpoints endpoints) {
        loop.runOnContext(v -> endpoints.close());
    }
}
