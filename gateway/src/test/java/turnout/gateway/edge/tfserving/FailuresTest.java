package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.grpc.common.GrpcStatus;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.VersionSelector;
import turnout.spi.ErrorCode;

class FailuresTest {
    private static final Target LATEST = new Target("m", VersionSelector.ANY);

    private static Failure of(Refusal refusal) {
        return Failures.of(refusal, LATEST, Method.PREDICT);
    }

    @ParameterizedTest
    @CsvSource({
        "OK,200",
        "CANCELLED,499",
        "UNKNOWN,500",
        "INVALID_ARGUMENT,400",
        "DEADLINE_EXCEEDED,504",
        "NOT_FOUND,404",
        "ALREADY_EXISTS,409",
        "PERMISSION_DENIED,403",
        "RESOURCE_EXHAUSTED,429",
        "FAILED_PRECONDITION,400",
        "ABORTED,409",
        "OUT_OF_RANGE,400",
        "UNIMPLEMENTED,501",
        "INTERNAL,500",
        "UNAVAILABLE,503",
        "DATA_LOSS,500",
        "UNAUTHENTICATED,401"
    })
    void everyStatusHasItsHttpStatus(GrpcStatus status, int http) {
        assertThat(new Failure(status, "").httpStatus()).isEqualTo(http);
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyBackendFailureHasAStatusAndKeepsItsWords(ErrorCode code) {
        Failure failure = of(new Refusal.Failed(code, "words"));
        assertThat(failure.status()).isNotEqualTo(GrpcStatus.OK);
        assertThat(failure.text()).isEqualTo("words");
    }

    @Test
    void aServerOutOfMemoryIsUnavailableAndNotACallerOverItsRate() {
        Failure failure = of(new Refusal.Failed(ErrorCode.OUT_OF_MEMORY, "words"));
        assertThat(failure.status()).isEqualTo(GrpcStatus.UNAVAILABLE);
        assertThat(failure.httpStatus()).isEqualTo(503);
    }

    @Test
    void outputsAreNamedAsAliases() {
        assertThat(of(new Refusal.OutputUnexpected("m", "z", List.of("y", "q"))).text())
                .isEqualTo("output tensor alias not found in signature: z Outputs expected to be in the set {y,q}.");
        assertThat(of(new Refusal.OutputRepeated("m", "y")).text()).isEqualTo("duplicate output tensor alias: y");
    }

    @Test
    void overloadIsWorthARetryAndALimitIsNot() {
        assertThat(of(new Refusal.QueueFull("m", 1, 1, Refusal.QueueFull.Unit.ROWS))
                        .status())
                .isEqualTo(GrpcStatus.UNAVAILABLE);
        assertThat(of(new Refusal.Overloaded("full")).status()).isEqualTo(GrpcStatus.UNAVAILABLE);
        assertThat(of(new Refusal.TooLarge("body", 1)).status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
        assertThat(of(new Refusal.ExpiredBeforeRun("late")).status()).isEqualTo(GrpcStatus.DEADLINE_EXCEEDED);
        assertThat(of(new Refusal.CallerGone()).status()).isEqualTo(GrpcStatus.CANCELLED);
        assertThat(of(new Refusal.Forbidden("no")).status()).isEqualTo(GrpcStatus.PERMISSION_DENIED);
    }

    @Test
    void whatIsBeingUnloadedIsNotWorthARetry() {
        assertThat(of(new Refusal.NotReady("m", -1, "loading")).status()).isEqualTo(GrpcStatus.UNAVAILABLE);
        assertThat(of(new Refusal.NotReady("m", -1, "it is being unloaded")).text())
                .isEqualTo("Servable not found for request: Latest(m)");
        assertThat(Failures.of(
                                new Refusal.NotReady("m", 9, "failed to load"),
                                new Target("m", new VersionSelector.Exactly(9)),
                                Method.PREDICT)
                        .text())
                .isEqualTo("Servable not found for request: Specific(m, 9)");
    }

    @Test
    void clientsWordsAreCut() {
        Target target = new Target("m".repeat(10_000), VersionSelector.ANY);
        assertThat(Failures.notFound(target).text()).hasSizeLessThan(320);
        assertThat(Failures.join(java.util.Collections.nCopies(1_000_000, "name")))
                .hasSizeLessThan(2100);
    }
}
