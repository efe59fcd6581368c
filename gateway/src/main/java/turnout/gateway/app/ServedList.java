package turnout.gateway.app;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.config.ConfigException;
import turnout.gateway.config.ModelOrigin;
import turnout.gateway.config.tfserving.ModelList;
import turnout.gateway.lifecycle.ControlException;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.gateway.lifecycle.ModelManager;
import turnout.gateway.lifecycle.Routing;

/**
 * Has the models served that the configuration says, and follows a list that is in a file: a good edit replaces the whole list, as a
 * reload does; a bad one changes nothing.
 */
final class ServedList {
    private static final Logger log = LoggerFactory.getLogger(ServedList.class);

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ModelOrigin origin;
    private final ModelManager manager;

    private volatile @Nullable ScheduledFuture<?> following;
    private volatile List<ServedModel> served = List.of();
    // Also read by whoever asks whether all is well.
    private volatile String problem = "";

    private ServedList(ModelOrigin origin, ModelManager manager) {
        this.origin = origin;
        this.manager = manager;
    }

    /**
     * Checks it.
     *
     * @throws StartException when it cannot be served
     */
    static ServedList of(ModelOrigin origin, ModelManager manager) {
        if (origin instanceof ModelOrigin.Listed listed) {
            try {
                manager.check(listed.models());
            } catch (ControlException e) {
                throw new StartException(String.valueOf(e.getMessage()), true);
            }
        }
        return new ServedList(origin, manager);
    }

    /** Begins. Completes when every version that is wanted at first is available or has ended. */
    Future<Void> start(Routing writer) {
        if (!(origin instanceof ModelOrigin.Listed listed)) {
            return manager.start(writer);
        }
        served = listed.models();
        return manager.start(writer, listed.models())
                .onSuccess(done -> listed.watch().ifPresent(this::follow));
    }

    /** 1 while what is written is what is served, else 0. */
    int good() {
        return problem.isEmpty() ? 1 : 0;
    }

    /** Reads it no more. */
    void close() {
        ScheduledFuture<?> reading = following;
        if (reading != null) {
            reading.cancel(true);
        }
    }

    private void follow(ModelOrigin.Watch watch) {
        ScheduledExecutorService reader = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "turnout-model-list");
            thread.setDaemon(true);
            return thread;
        });
        long seconds = watch.interval().toSeconds();
        following = reader.scheduleWithFixedDelay(() -> read(watch), seconds, seconds, TimeUnit.SECONDS);
    }

    private void read(ModelOrigin.Watch watch) {
        try {
            List<ServedModel> models = ModelList.read(watch.file());
            if (!models.equals(served)) {
                await(manager.reload(models));
                served = models;
                log.info("{} was read again: {} models", watch.file(), models.size());
            }
            problem = "";
        } catch (ConfigException | ControlException e) {
            failed(watch, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // What is thrown here would end the reading for good.
            log.error("reading {} broke", watch.file(), e);
        }
    }

    /** A refusal comes at once; models that take longer to load are not waited for. */
    private static void await(Future<Void> reload) throws InterruptedException {
        try {
            reload.toCompletionStage().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            log.debug("models are still being loaded", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ControlException refused
                    ? refused
                    : new ControlException(ControlException.Reason.FAILED, "internal error");
        }
    }

    /** Says so once, however often it is read. */
    private void failed(ModelOrigin.Watch watch, Throwable e) {
        String now = String.valueOf(e.getMessage());
        if (!now.equals(problem)) {
            problem = now;
            log.warn("{} is not taken up, and what is served stays: {}", watch.file(), now);
        }
    }
}
