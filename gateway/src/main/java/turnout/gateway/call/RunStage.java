package turnout.gateway.call;

import io.vertx.core.Future;

/** The innermost stage: sends the bound call down its lane. */
public final class RunStage implements Stage {
    @Override
    public Future<Answer> handle(Call call, Next next) {
        return call.routed().run(call).onSuccess(answer -> call.record().ran(answer.run()));
    }
}
