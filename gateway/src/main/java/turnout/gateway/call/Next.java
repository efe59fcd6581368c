package turnout.gateway.call;

import io.vertx.core.Future;

/** The rest of a call's way, as a stage sees it. */
@FunctionalInterface
public interface Next {
    /** Goes on with the call; never throws. */
    Future<Answer> proceed(Call call);
}
