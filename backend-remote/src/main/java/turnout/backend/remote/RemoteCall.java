package turnout.backend.remote;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Ticker;

/**
 * One call: up to {@value #MAX_ATTEMPTS} attempts, one after the other, until there is an answer, the deadline passes or nobody waits any
 * more.
 *
 * <p>Tried again is only what got no whole answer because the server was not available: on another endpoint, or on the same one over a
 * new connection when that is all there is and the connection was at fault. Bytes of half an answer do not hinder: they have gone no
 * further than here, and to run a model twice does no harm. What a server may have seen costs a token of the {@link RetryBudget}.
 *
 * <p>Touched only on the backend's event loop.
 */
final class RemoteCall {
    private static final int MAX_ATTEMPTS = 3;
    private static final Duration PAUSE = Duration.ofMillis(20);
    // Beyond this nobody waits; keeps the timer's arithmetic in range.
    private static final long LONGEST_NANOS = Duration.ofDays(1).toNanos();

    private final RemoteServer server;
    private final RemoteMethod method;
    private final Buffer body;
    private final Deadline deadline;
    private final CompletableFuture<Buffer> answer = new CompletableFuture<>();
    private final Set<Endpoint> tried = new HashSet<>();

    private int attempts;
    private long timer = -1;
    private long pause = -1;
    private @Nullable Attempt current;
    private Cancellation.@Nullable Registration registration;

    RemoteCall(RemoteServer server, RemoteMethod method, Buffer body, Deadline deadline) {
        this.server = server;
        this.method = method;
        this.body = body;
        this.deadline = deadline;
    }

    /** What a call needs of the server it goes to. */
    record RemoteServer(Vertx vertx, GrpcClient client, Endpoints endpoints, RetryBudget budget, Ticker ticker) {}

    /** Starts it. The answer comes on the event loop, the message's bytes or an {@link InferenceException}. */
    CompletableFuture<Buffer> start(Cancellation cancellation) {
        long nanos = remainingNanos();
        if (nanos <= 0) {
            fail(ErrorCode.DEADLINE, "the deadline passed before the call was sent");
        } else if (cancellation.isCancelled()) {
            fail(ErrorCode.CANCELLED, "nobody waits for the answer any more");
        } else {
            server.budget().onCall();
            timer = server.vertx().setTimer(millisUp(nanos), due -> onDeadline());
            // It may fire on any thread, at once too: the task runs after this method in either case.
            var loop = server.vertx().getOrCreateContext();
            registration = cancellation.onCancel(() -> loop.runOnContext(v -> onCancel()));
            attempt(server.endpoints().pick(tried));
        }
        return answer;
    }

    private void attempt(@Nullable Endpoint endpoint) {
        if (endpoint == null) {
            fail(ErrorCode.UNAVAILABLE, "no remote server is available");
            return;
        }
        attempts++;
        tried.add(endpoint);
        Attempt attempt = new Attempt(endpoint, body, this::remainingNanos, this::onEnd);
        current = attempt;
        attempt.start(server.client(), method);
    }

    private void onEnd(Attempt attempt, Outcome outcome) {
        server.endpoints().record(attempt, outcome);
        if (attempt.isAbandoned()) {
            return;
        }
        if (outcome instanceof Outcome.Answered answered) {
            finish();
            answer.complete(answered.message());
            return;
        }
        Endpoint last = attempt.endpoint();
        Endpoint next = attempts < MAX_ATTEMPTS && mayRetry(outcome) ? next(last, outcome) : null;
        if (next == null || (mayHaveRun(outcome) && !server.budget().take())) {
            finish();
            answer.completeExceptionally(RemoteStatus.explain(outcome));
        } else if (next == last) {
            attemptLater(last, outcome);
        } else {
            attempt(next);
        }
    }

    private @Nullable Endpoint next(Endpoint last, Outcome outcome) {
        Endpoint other = server.endpoints().pick(tried);
        boolean connectionWasAtFault = outcome instanceof Outcome.Refused || outcome instanceof Outcome.Lost;
        return other == null && connectionWasAtFault && !last.health().isEjected() ? last : other;
    }

    // Not at once: the pool may not have noticed yet that its connection is gone, and would lend it again.
    private void attemptLater(Endpoint endpoint, Outcome outcome) {
        pause = server.vertx().setTimer(PAUSE.toMillis() * attempts, due -> {
            if (endpoint.health().isEjected()) {
                finish();
                answer.completeExceptionally(RemoteStatus.explain(outcome));
            } else {
                attempt(endpoint);
            }
        });
    }

    private static boolean mayRetry(Outcome outcome) {
        return outcome instanceof Outcome.Failed failed
                ? failed.status() == GrpcStatus.UNAVAILABLE
                : !(outcome instanceof Outcome.Cut);
    }

    private static boolean mayHaveRun(Outcome outcome) {
        return outcome instanceof Outcome.Failed || outcome instanceof Outcome.Lost;
    }

    private void onDeadline() {
        if (answer.isDone()) {
            return;
        }
        Attempt last = current;
        if (last != null) {
            server.endpoints().suspect(last);
        }
        fail(ErrorCode.DEADLINE, "the deadline passed while the remote server ran the call");
    }

    private void onCancel() {
        if (!answer.isDone()) {
            fail(ErrorCode.CANCELLED, "nobody waits for the answer any more");
        }
    }

    private void fail(ErrorCode code, String message) {
        finish();
        answer.completeExceptionally(new InferenceException(code, message));
    }

    // Before the answer is completed: what follows may look for registrations left behind.
    private void finish() {
        server.vertx().cancelTimer(timer);
        server.vertx().cancelTimer(pause);
        if (registration != null) {
            registration.close();
        }
        if (current != null) {
            current.abandon();
        }
    }

    private long remainingNanos() {
        return Math.min(LONGEST_NANOS, deadline.remainingNanos(server.ticker()));
    }

    private static long millisUp(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos - 1) + 1;
    }
}
