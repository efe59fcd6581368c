package turnout.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.failure;
import static turnout.gateway.rig.Futures.refusal;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import turnout.gateway.rig.Answers;
import turnout.gateway.rig.Calls;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.testkit.Tensors;

class PipelineTest {
    private final List<String> order = new ArrayList<>();

    @Test
    void stagesWrapEachOtherInOrder() {
        Answer answer = Answers.of(1);

        Future<Answer> result = run(named("a"), named("b"), (call, next) -> Future.succeededFuture(answer));

        assertThat(result(result)).isSameAs(answer);
        assertThat(order).containsExactly("a in", "b in", "b out", "a out");
    }

    @Test
    void aStageThatThrowsIsAFailedFutureAndOuterStagesCleanUp() {
        Refusal refusal = refusal(run(named("a"), (call, next) -> {
            throw new IllegalStateException("names internals");
        }));

        assertThat(refusal).isEqualTo(new Refusal.Failed(ErrorCode.INTERNAL, "internal error"));
        assertThat(order).containsExactly("a in", "a out");
    }

    @Test
    void anErrorIsNoExceptionToThat() {
        assertThat(refusal(run(named("a"), (call, next) -> {
                    throw new StackOverflowError();
                })))
                .isEqualTo(new Refusal.Failed(ErrorCode.INTERNAL, "internal error"));
        assertThat(order).containsExactly("a in", "a out");
    }

    @Test
    void aStageThatReturnsNothingIsADefectAndOuterStagesCleanUp() {
        assertThat(refusal(run(named("a"), (call, next) -> nothing())))
                .isEqualTo(new Refusal.Failed(ErrorCode.INTERNAL, "internal error"));
        assertThat(order).containsExactly("a in", "a out");
    }

    @Test
    void whateverAFutureFailsWithBecomesARefusal() {
        assertThat(refusal(run((call, next) -> Future.failedFuture("no"))))
                .isEqualTo(new Refusal.Failed(ErrorCode.INTERNAL, "internal error"));
        assertThat(refusal(run((call, next) ->
                        Future.failedFuture(new InferenceException(ErrorCode.MODEL_FAILED, "the model's words")))))
                .isEqualTo(new Refusal.Failed(ErrorCode.MODEL_FAILED, "the model's words"));
        assertThat(refusal(run((call, next) -> Future.failedFuture(InferenceException.invalidInput("bad shape")))))
                .isEqualTo(new Refusal.Malformed("bad shape"));
    }

    @Test
    void aRefusalPassesThroughUnchanged() {
        RefusedException refused = new RefusedException(new Refusal.CallerGone());

        assertThat(failure(run(named("a"), (call, next) -> {
                    throw refused;
                })))
                .isSameAs(refused);
    }

    @Test
    void aPipelineWhoseLastStageGoesOnIsADefect() {
        assertThat(refusal(run(named("a")))).isEqualTo(new Refusal.Failed(ErrorCode.INTERNAL, "internal error"));
    }

    @Test
    void theRunStageSendsTheCallDownItsRouteAndKeepsTheFacts() {
        Call call = Calls.x(Tensors.floats(1)).arrived();
        Answer answer = Answers.of(1);
        var route = new turnout.gateway.rig.FakeRoute(
                answer.version(),
                1,
                "control",
                java.util.Map.of(),
                null,
                false,
                sent -> Future.succeededFuture(answer));
        Call routed = call.withRoute(route, new turnout.spi.Deadline(1));

        assertThat(result(new Pipeline(List.of(new RunStage())).handle(routed))).isSameAs(answer);

        assertThat(call.record().run()).isEqualTo(answer.run());
    }

    private static Future<Answer> run(Stage... stages) {
        return new Pipeline(List.of(stages)).handle(Calls.x(Tensors.floats(1)).arrived());
    }

    private Stage named(String name) {
        return (call, next) -> {
            order.add(name + " in");
            return next.proceed(call).onComplete(done -> order.add(name + " out"));
        };
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // the mistake that the test is about
    private static <T> T nothing() {
        return null;
    }
}
