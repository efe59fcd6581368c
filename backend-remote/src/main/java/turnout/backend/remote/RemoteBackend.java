package turnout.backend.remote;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import turnout.spi.Backend;
import turnout.spi.Capability;
import turnout.spi.Device;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;
import turnout.spi.Ticker;

/**
 * Owns the Vert.x that all remote versions call through. It is not the gateway's: a plugin has its own copy of the library, and its own
 * event loop keeps encoding of large tensors away from the loops that accept calls.
 */
final class RemoteBackend implements Backend {
    private static final Logger LOG = System.getLogger(RemoteBackend.class.getPackageName());
    private static final long CLOSE_SECONDS = 10;

    private final Ticker ticker;
    private final Vertx vertx;
    private final Context loop;

    RemoteBackend(Ticker ticker) {
        this.ticker = ticker;
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                // No files are served from here: nothing to unpack to a temporary directory.
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        this.loop = vertx.getOrCreateContext();
    }

    @Override
    public Set<Capability> capabilities() {
        // What a server then makes of a type is its model's affair; the way there carries them all.
        return Set.of(Capability.values());
    }

    @Override
    public List<Device> devices() {
        return List.of(Device.CPU);
    }

    @Override
    public boolean claims(Path location) {
        return Files.isRegularFile(location.resolve(RemoteConfig.FILE));
    }

    @Override
    public Loader loader(LoadRequest request) {
        if (!request.device().isCpu()) {
            throw new InferenceException(
                    ErrorCode.UNSUPPORTED,
                    "a remote version runs elsewhere: it cannot be placed on " + request.device());
        }
        return new RemoteLoader(request, vertx, loop, ticker);
    }

    @Override
    public void close() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.WARNING, "the remote backend did not close cleanly", e);
        }
    }
}
