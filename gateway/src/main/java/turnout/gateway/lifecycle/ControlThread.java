package turnout.gateway.lifecycle;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that owns what the control plane knows, so that none of it needs a lock. Nothing may block it. */
public final class ControlThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControlThread.class);

    private final ScheduledThreadPoolExecutor executor;

    public ControlThread() {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "turnout-control");
            thread.setDaemon(true);
            return thread;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Runs the task there, after what was handed over before. Does nothing once this is closed. */
    public void run(Runnable task) {
        try {
            executor.execute(guarded(task));
        } catch (RejectedExecutionException e) {
            log.debug("too late to run {}", task);
        }
    }

    /** Runs the task there, not before the delay is over. Does nothing once this is closed. */
    @SuppressWarnings("FutureReturnValueIgnored") // the task is guarded, and nobody cancels it
    public void after(Duration delay, Runnable task) {
        try {
            executor.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("too late to schedule {}", task);
        }
    }

    /** Asks there, and answers on the calling context (on any thread where there is none). */
    public <T> Future<T> ask(Supplier<Future<T>> question) {
        Context context = Vertx.currentContext();
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            executor.execute(() -> answer(question, answer));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(
                    new ControlException(ControlException.Reason.FAILED, "the server is shutting down"));
        }
        return context == null ? Future.fromCompletionStage(answer) : Future.fromCompletionStage(answer, context);
    }

    @Override
    public void close() {
        executor.shutdown();
    }

    private static <T> void answer(Supplier<Future<T>> question, CompletableFuture<T> answer) {
        try {
            question.get().onComplete(answer::complete, answer::completeExceptionally);
        } catch (ControlException e) {
            answer.completeExceptionally(e);
        } catch (RuntimeException e) {
            log.error("a question to the control thread failed", e);
            answer.completeExceptionally(new ControlException(ControlException.Reason.FAILED, "internal error"));
        }
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                log.error("a task of the control thread failed", e);
            }
        };
    }
}
