package turnout.gateway.rig;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.Tensor;

/** Waits for futures, within bounds, from a test's thread. */
public final class Futures {
    private static final long PATIENCE_SECONDS = 20;

    private Futures() {}

    /** Its result. */
    public static <T extends @Nullable Object> T result(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("expected a result, got " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("nothing came within " + PATIENCE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Why it failed. */
    public static Throwable failure(Future<?> future) {
        try {
            @Nullable
            Object result = future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            throw new AssertionError("expected a failure, got " + result);
        } catch (ExecutionException e) {
            return Objects.requireNonNull(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("nothing came within " + PATIENCE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** A tensor that must be there. */
    public static Tensor tensor(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    /** Why it was refused. */
    public static Refusal refusal(Future<?> future) {
        Throwable failure = failure(future);
        assertThat(failure).isInstanceOf(RefusedException.class);
        return ((RefusedException) failure).refusal();
    }
}
