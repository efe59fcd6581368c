package turnout.backend.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static turnout.testkit.TensorAssert.assertThatTensor;

import io.vertx.grpc.common.GrpcStatus;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.protocol.codec.TensorProtos;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tfserving.PredictRequest;
import turnout.spi.Cancellation;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceResponse;
import turnout.spi.Tensor;
import turnout.testkit.ManualCancellation;
import turnout.testkit.Tensors;

class RemoteServableTest {
    private FakeTensorflowServing server;
    private RemoteVersion version;

    @BeforeEach
    @SuppressWarnings("NullAway.Init")
    void start(@TempDir Path directory) throws Exception {
        server = FakeTensorflowServing.start().signature("serving_default", RemoteVersion.xToY(DataType.FP32));
        version = RemoteVersion.load(directory, RemoteVersion.yaml(server.port()) + "model: far\nversion: 7\n");
    }

    @AfterEach
    void stop() throws Exception {
        version.close();
        server.close();
    }

    @Test
    void theRequestNamesModelVersionSignatureAndWantedOutputs() throws Exception {
        CompletableFuture<PredictRequest> seen = new CompletableFuture<>();
        server.answering(call -> {
            seen.complete(call.request());
            call.echo();
        });
        assertThatTensor(version.echo(Tensors.floats(1, 2))).hasFloats(1, 2);
        PredictRequest request = seen.join();
        assertThat(request.getModelSpec().getName()).isEqualTo("far");
        assertThat(request.getModelSpec().getVersion().getValue()).isEqualTo(7);
        assertThat(request.getModelSpec().getSignatureName()).isEqualTo("serving_default");
        assertThat(request.getOutputFilterList()).containsExactly("y");
        assertThat(request.getInputsOrThrow("x").getTensorContent().size()).isEqualTo(8);
    }

    @Test
    void typedListsAreReadWithTheLastValueRepeated() throws Exception {
        TensorProto few = TensorProto.newBuilder()
                .setDtype(turnout.protocol.tensorflow.DataType.DT_FLOAT)
                .setTensorShape(TensorProtos.shapeProto(new long[] {4}))
                .addFloatVal(1)
                .addFloatVal(2)
                .build();
        server.answering(call -> call.answer(Map.of("y", few)));
        assertThatTensor(version.echo(Tensors.floats(0))).hasFloats(1, 2, 2, 2);
    }

    @Test
    void tensorsOfManyMegabytesPassBothWays() throws Exception {
        Tensor large = new Tensor(DataType.FP32, new long[] {5 << 20}, ByteBuffer.allocate(20 << 20));
        assertThat(version.echo(large).byteSize()).isEqualTo(20 << 20);
    }

    @Test
    void theServerIsToldTheDeadline() throws Exception {
        RemoteVersion.y(version.send(Tensors.floats(1), Duration.ofSeconds(5), Cancellation.NEVER));
        assertThat(server.timeoutMillis()).isBetween(3000L, 5000L);
    }

    @Test
    void aCallThatGetsNoAnswerEndsAtItsDeadlineAndTheServerIsToldToStop() throws Exception {
        server.answering(call -> {});
        long start = System.nanoTime();
        InferenceException failure =
                RemoteVersion.failure(version.send(Tensors.floats(1), Duration.ofMillis(300), Cancellation.NEVER));
        assertThat(failure.code()).isEqualTo(ErrorCode.DEADLINE);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(299), Duration.ofSeconds(2));
        await().untilAsserted(() -> assertThat(server.cancelled()).isEqualTo(1));
        server.answering(FakeTensorflowServing.Call::echo);
        assertThatTensor(version.echo(Tensors.floats(2))).hasFloats(2);
    }

    @Test
    void aCancelledCallEndsAtOnceAndTheServerIsToldToStop() throws Exception {
        server.answering(call -> {});
        ManualCancellation cancellation = new ManualCancellation();
        CompletableFuture<InferenceResponse> answer =
                version.send(Tensors.floats(1), Duration.ofSeconds(30), cancellation);
        await().until(() -> server.predicts() == 1);
        cancellation.fire();
        assertThat(RemoteVersion.failure(answer).code()).isEqualTo(ErrorCode.CANCELLED);
        await().untilAsserted(() -> assertThat(server.cancelled()).isEqualTo(1));
        assertThat(cancellation.registrations()).isZero();
    }

    @Test
    void aFailureCarriesTheServersWordsWhetherItHadBegunToAnswerOrNot() throws Exception {
        server.answering(call -> call.fail(GrpcStatus.INVALID_ARGUMENT, "bad x: 100%"));
        InferenceException early = RemoteVersion.failure(version.send(1));
        assertThat(early.code()).isEqualTo(ErrorCode.INVALID_INPUT);
        assertThat(early).hasMessageContaining("bad x");
        server.answering(call -> call.failInTrailers(GrpcStatus.INVALID_ARGUMENT, "late%20x + y"));
        assertThat(RemoteVersion.failure(version.send(1))).hasMessageEndingWith("late x + y");
    }

    @Test
    void anAnswerThatDoesNotFitTheSignatureIsTheModelsFailure() throws Exception {
        server.answering(call -> call.answer(Map.of("z", call.input("x"))));
        assertMalformed("output \"y\" is missing");
        server.answering(call -> call.answer(Map.of("y", TensorProtos.encode(Tensors.ints(new long[] {1}, 1)))));
        assertMalformed("output \"y\" is INT32, declared is FP32");
        server.answering(call -> call.answer(Map.of(
                "y",
                call.input("x").toBuilder()
                        .setTensorShape(TensorProtos.shapeProto(new long[] {9}))
                        .build())));
        assertMalformed("output \"y\": expected 36 bytes");
    }

    private void assertMalformed(String message) throws Exception {
        InferenceException failure = RemoteVersion.failure(version.send(1));
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_FAILED);
        assertThat(failure).hasMessageContaining(message);
    }
}
