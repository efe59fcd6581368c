package turnout.gateway.call;

import io.vertx.core.Future;
import java.util.List;

/** The stages in order, built once and without any state of a request. */
public final class Pipeline {
    private final Next first;

    /**
     * @param stages outermost first; the last one must not proceed
     */
    public Pipeline(List<Stage> stages) {
        Next next = call -> Future.failedFuture(new IllegalStateException("no stage answered the call"));
        for (int i = stages.size() - 1; i >= 0; i--) {
            next = link(stages.get(i), next);
        }
        first = next;
    }

    /** Sends a call through; never throws, fails only with {@link RefusedException}. */
    public Future<Answer> handle(Call call) {
        return first.proceed(call);
    }

    /** A link that turns whatever a stage throws into a failed future, so that the rooms outside it still clean up. */
    private static Next link(Stage stage, Next rest) {
        return call -> {
            try {
                return stage.handle(call, rest).recover(e -> Future.failedFuture(RefusedException.from(e)));
            } catch (RuntimeException | Error e) {
                // Errors too: a stack that overflows in one call's data must not cost the others their permits.
                return Future.failedFuture(RefusedException.from(e));
            }
        };
    }
}
