package turnout.backend.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.grpc.common.GrpcStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;

class RemoteStatusTest {
    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, INVALID_INPUT",
        "DEADLINE_EXCEEDED, DEADLINE",
        "CANCELLED, CANCELLED",
        "UNAVAILABLE, UNAVAILABLE",
        "NOT_FOUND, UNAVAILABLE",
        "UNIMPLEMENTED, UNSUPPORTED",
        "RESOURCE_EXHAUSTED, UNAVAILABLE",
        "FAILED_PRECONDITION, MODEL_FAILED",
        "INTERNAL, MODEL_FAILED",
        "UNKNOWN, MODEL_FAILED",
        "ABORTED, MODEL_FAILED",
        "PERMISSION_DENIED, MODEL_FAILED",
    })
    void everyStatusHasItsCode(GrpcStatus status, ErrorCode code) {
        assertThat(explain(status, "").code()).isEqualTo(code);
    }

    @Test
    void memoryThatRanOutIsToldFromAFullQueue() {
        assertThat(explain(GrpcStatus.RESOURCE_EXHAUSTED, "OOM when allocating tensor with shape[1]")
                        .code())
                .isEqualTo(ErrorCode.OUT_OF_MEMORY);
    }

    @Test
    void aConnectionThatFailedIsUnavailable() {
        assertThat(RemoteStatus.explain(new Outcome.NeverSent()).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(RemoteStatus.explain(new Outcome.Lost()).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(RemoteStatus.explain(new Outcome.Cut("cut")).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }

    @Test
    void whatTheServerSaysOfTheInputIsPassedOn() {
        assertThat(explain(
                        GrpcStatus.INVALID_ARGUMENT, "Matrix size-incompatible: In[0]: [1,3]\n\t [[{{node MatMul}}]]"))
                .hasMessage("the remote server answered INVALID_ARGUMENT: Matrix size-incompatible: In[0]: [1,3]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cannot open /models/m/1/variables",
                "connection to 10.1.2.3 lost",
                "ipv4:127.0.0.1:8500: refused",
                "see http://inside.example/x",
                "backend serving.inside.example:8500 is gone",
                "at 0x7f3a12cd4410",
                "core/kernels/matmul_op.cc:123 failed",
            })
    void whatTellsOfTheInsideIsNot(String message) {
        assertThat(explain(GrpcStatus.INVALID_ARGUMENT, message))
                .hasMessage("the remote server answered INVALID_ARGUMENT");
    }

    @Test
    void aLongMessageIsCut() {
        assertThat(explain(GrpcStatus.INVALID_ARGUMENT, "x".repeat(5000)).getMessage())
                .hasSizeLessThan(400);
    }

    private static InferenceException explain(GrpcStatus status, String message) {
        return RemoteStatus.explain(new Outcome.Failed(status, message));
    }
}
