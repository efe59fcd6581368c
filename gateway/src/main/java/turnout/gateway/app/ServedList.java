package turnout.gateway.app;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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

    private final ModelOrigin origin;
    private final ModelManager manager;
    private final Function<List<ServedModel>, Future<Void>> reload;

    private @Nullable ScheduledExecutorService reader;
    private boolean closed;
    private List<ServedModel> served = List.of();
    // The list that a reload under way brings, if any.
    private @Nullable List<ServedModel> coming;
    private long reloads;
    private long servedSince;
    // Also read by whoever asks whether all is well.
    private volatile String problem = "";

    /** @param reload replaces what the manager serves */
    ServedList(ModelOrigin origin, ModelManager manager, Function<List<ServedModel>, Future<Void>> reload) {
        this.origin = origin;
        this.manager = manager;
        this.reload = reload;
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
        return new ServedList(origin, manager, manager::reload);
    }

    /** Begins. Completes when every version that is wanted at first is available or has ended. */
    Future<Void> start(Routing writer) {
        if (!(origin instanceof ModelOrigin.Listed listed)) {
            return manager.start(writer);
        }
        synchronized (this) {
            served = listed.models();
        }
        Future<Void> started = manager.start(writer, listed.models());
        // Not after the first models are loaded, which may take for ever: the manager does one thing after the other.
        listed.watch().ifPresent(this::follow);
        return started;
    }

    /** 1 while what is written is what is served, else 0. */
    int good() {
        return problem.isEmpty() ? 1 : 0;
    }

    /** What an operator should know of it. */
    List<String> conditions() {
        String now = problem;
        return now.isEmpty() ? List.of() : List.of("the list of models is not taken up as it is written: " + now);
    }

    /** Reads it no more, for good. */
    synchronized void close() {
        closed = true;
        if (reader != null) {
            reader.shutdown();
        }
    }

    private synchronized void follow(ModelOrigin.Watch watch) {
        if (closed) {
            return;
        }
        reader = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "turnout-model-list");
            thread.setDaemon(true);
            return thread;
        });
        long millis = watch.interval().toMillis();
        ScheduledFuture<?> unused =
                reader.scheduleWithFixedDelay(() -> read(watch), millis, millis, TimeUnit.MILLISECONDS);
    }

    private void read(ModelOrigin.Watch watch) {
        try {
            take(watch, ModelList.read(watch.file()));
        } catch (ConfigException e) {
            failed(watch, e);
        } catch (RuntimeException | Error e) {
            // What is thrown here would end the reading for good.
            log.error("reading {} broke", watch.file(), e);
            problem = "internal error";
        }
    }

    private synchronized void take(ModelOrigin.Watch watch, List<ServedModel> models) {
        if (closed) {
            return;
        }
        if (models.equals(coming)) {
            return;
        }
        if (coming == null && models.equals(served)) {
            problem = "";
            return;
        }
        Future<Void> applied = reload.apply(models);
        long number = ++reloads;
        coming = models;
        applied.onComplete(done -> settled(watch, models, number, done));
    }

    /** A refusal comes at once, a success only when the models are loaded: another list may have been read since. */
    private synchronized void settled(
            ModelOrigin.Watch watch, List<ServedModel> models, long number, AsyncResult<Void> done) {
        boolean latest = number == reloads;
        if (latest) {
            coming = null;
        }
        if (done.succeeded() && number > servedSince) {
            servedSince = number;
            served = models;
            log.info("{} was read again: {} models", watch.file(), models.size());
        }
        if (latest && done.succeeded()) {
            problem = "";
        } else if (latest) {
            failed(
                    watch,
                    done.cause() instanceof ControlException refused
                            ? refused
                            : new ControlException(ControlException.Reason.FAILED, "internal error"));
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
