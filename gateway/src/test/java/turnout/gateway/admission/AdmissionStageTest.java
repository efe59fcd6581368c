package turnout.gateway.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static turnout.gateway.rig.Futures.refusal;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Pipeline;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.rig.Answers;
import turnout.gateway.rig.Calls;
import turnout.testkit.FakeTicker;
import turnout.testkit.Tensors;

class AdmissionStageTest {
    private final FakeTicker ticker = new FakeTicker();
    private final List<Promise<Answer>> running = new ArrayList<>();
    private final Pipeline pipeline =
            new Pipeline(List.of(new AdmissionStage(new AdmissionConfig(2, 1000), ticker), (call, next) -> {
                if (call.envelope().model().equals("throws")) {
                    throw new StackOverflowError();
                }
                Promise<Answer> promise = Promise.promise();
                running.add(promise);
                return promise.future();
            }));

    @Test
    void moreCallsThanTheBoundAreRefusedUntilOneEnds() {
        Future<Answer> first = send(call());
        send(call());

        assertThat(refusal(send(call()))).isEqualTo(new Refusal.Overloaded("too many calls in flight, the limit is 2"));
        running.get(0).complete(Answers.of(1));
        result(first);
        send(call());

        assertThat(running).hasSize(3);
        assertThat(refusal(send(call()))).isInstanceOf(Refusal.Overloaded.class);
    }

    @Test
    void moreBytesThanTheBoundAreRefusedUntilSomeAreGivenBack() {
        Future<Answer> large = send(call().bytes(900));

        assertThat(refusal(send(call().bytes(101))))
                .isEqualTo(new Refusal.Overloaded("too many bytes in flight, the limit is 1000"));
        running.get(0).fail(new RefusedException(new Refusal.CallerGone()));
        refusal(large);
        send(call().bytes(1000));

        assertThat(running).hasSize(2);
    }

    @Test
    void whatIsRefusedOrThrowsHoldsNothing() {
        for (int i = 0; i < 10; i++) {
            refusal(send(call().model("throws")));
            refusal(send(call().bytes(2000)));
        }

        send(call().bytes(1000));

        assertThat(running).hasSize(1);
    }

    @Test
    void aDeadlineThatHasPassedIsRefused() {
        Calls late = call().within(Duration.ofMillis(5), ticker);
        ticker.advance(Duration.ofMillis(5));

        assertThat(refusal(send(late))).isInstanceOf(Refusal.ExpiredBeforeRun.class);

        assertThat(running).isEmpty();
    }

    @Test
    void boundsThatMakeNoSenseAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdmissionConfig(0, 1))
                .withMessage("limits.in-flight-calls must be at least 1, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdmissionConfig(1, 0))
                .withMessage("limits.in-flight-bytes must be at least 1, was 0");
    }

    private Future<Answer> send(Calls calls) {
        return pipeline.handle(calls.arrived());
    }

    private static Calls call() {
        return Calls.x(Tensors.floats(1));
    }
}
