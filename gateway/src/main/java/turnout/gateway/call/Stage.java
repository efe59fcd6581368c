package turnout.gateway.call;

import io.vertx.core.Future;

/**
 * One concern of a call's way: works before or after {@code next.proceed}, and has one way out, the future it returns.
 *
 * <p>Called on the call's context; the returned future completes there too. Never blocks.
 */
@FunctionalInterface
public interface Stage {
    /**
     * @param call what came so far
     * @param next the rest of the way; proceed at most once
     * @return the answer, or a failure with {@link RefusedException}
     */
    Future<Answer> handle(Call call, Next next);
}
