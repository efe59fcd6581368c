package turnout.backend.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.metrics.MetricsOptions;
import io.vertx.core.spi.metrics.HttpClientMetrics;
import io.vertx.core.spi.metrics.VertxMetrics;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.protocol.tensorflow.SignatureDef;
import turnout.protocol.tensorflow.TensorInfo;
import turnout.spi.DataType;
import turnout.spi.Device;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.LoadRequest;
import turnout.spi.ModelVersion;
import turnout.spi.Options;
import turnout.spi.TensorSpec;
import turnout.spi.Ticker;

class RemoteLoaderTest {
    @Test
    void signaturesComeFromTheServerWithTheRuntimesNamesAside(@TempDir Path directory) throws Exception {
        SignatureDef def = SignatureDef.newBuilder()
                .setMethodName("tensorflow/serving/predict")
                .putInputs("x", info("x_in:0", turnout.protocol.tensorflow.DataType.DT_FLOAT))
                .putOutputs("y", info("StatefulPartitionedCall:0", turnout.protocol.tensorflow.DataType.DT_STRING))
                .build();
        try (FakeTensorflowServing server = FakeTensorflowServing.start().signature("other", def);
                RemoteVersion version = RemoteVersion.load(directory, server.port())) {
            assertThat(version.signatures()).containsOnlyKeys("other");
            assertThat(version.signatures().values()).singleElement().satisfies(signature -> {
                assertThat(signature.input("x")).contains(new TensorSpec("x", DataType.FP32, new long[0], "x_in:0"));
                assertThat(signature.outputs().values())
                        .extracting(TensorSpec::type)
                        .containsExactly(DataType.BYTES);
            });
        }
    }

    @Test
    void aSignatureThatCannotBeCarriedIsLeftOut(@TempDir Path directory) throws Exception {
        try (FakeTensorflowServing server = FakeTensorflowServing.start()
                        .signature("serving_default", RemoteVersion.xToY(DataType.FP32))
                        .signature("spectrum", complex())
                        .signature("__saved_model_init_op", SignatureDef.getDefaultInstance());
                RemoteVersion version = RemoteVersion.load(directory, server.port())) {
            assertThat(version.signatures()).containsOnlyKeys("serving_default");
        }
    }

    @Test
    void aModelOfWhichNothingCanBeCarriedIsUnsupported(@TempDir Path directory) throws Exception {
        try (FakeTensorflowServing server = FakeTensorflowServing.start().signature("spectrum", complex())) {
            assertFails(directory, ErrorCode.UNSUPPORTED, server.port()).hasMessageContaining("DT_COMPLEX64");
        }
    }

    @Test
    void aModelWithoutSignaturesFails(@TempDir Path directory) throws Exception {
        try (FakeTensorflowServing server = FakeTensorflowServing.start()) {
            assertFails(directory, ErrorCode.MODEL_FAILED, server.port());
        }
    }

    @Test
    void nobodyListeningIsUnavailableAtOnce(@TempDir Path directory) throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        assertFails(directory, ErrorCode.UNAVAILABLE, port);
    }

    @Test
    void aServerThatNeverAnswersIsUnavailableWithinABound(@TempDir Path directory) throws Exception {
        long start = System.nanoTime();
        try (ServerSocket deaf = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String yaml = RemoteVersion.yaml(deaf.getLocalPort());
            assertThatThrownBy(() -> RemoteVersion.load(directory, yaml, Duration.ofMillis(200))
                            .close())
                    .isInstanceOfSatisfying(
                            InferenceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
    }

    @Test
    void oneServerThatIsGoneDoesNotKeepTheOtherFromLoading(@TempDir Path directory) throws Exception {
        int gone;
        try (ServerSocket socket = new ServerSocket(0)) {
            gone = socket.getLocalPort();
        }
        try (FakeTensorflowServing server =
                        FakeTensorflowServing.start().signature("serving_default", RemoteVersion.xToY(DataType.FP32));
                RemoteVersion version = RemoteVersion.load(directory, gone, server.port())) {
            assertThat(version.signatures()).isNotEmpty();
        }
    }

    @Test
    void theClientIsClosedWhateverGoesWrongWhileLoading(@TempDir Path directory) throws Exception {
        AtomicInteger open = new AtomicInteger();
        Vertx vertx = Vertx.builder()
                .with(new VertxOptions().setMetricsOptions(new MetricsOptions().setEnabled(true)))
                .withMetrics(options -> countingClients(open))
                .build();
        Files.writeString(directory.resolve(RemoteConfig.FILE), RemoteVersion.yaml(1));
        LoadRequest request =
                new LoadRequest(new ModelVersion("m", 1), directory, new Options("remote", Map.of()), Device.CPU, 1);
        Ticker broken = () -> {
            assertThat(open).hasPositiveValue();
            throw new StackOverflowError();
        };
        try {
            RemoteLoader loader = new RemoteLoader(request, vertx, vertx.getOrCreateContext(), broken);
            assertThatThrownBy(loader::load).isInstanceOf(StackOverflowError.class);
            await().until(() -> open.get() == 0);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    private static VertxMetrics countingClients(AtomicInteger open) {
        return new VertxMetrics() {
            @Override
            public HttpClientMetrics<?, ?, ?> createHttpClientMetrics(HttpClientOptions options) {
                open.incrementAndGet();
                return new HttpClientMetrics<Object, Object, Object>() {
                    @Override
                    public void close() {
                        open.decrementAndGet();
                    }
                };
            }
        };
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertFails(
            Path directory, ErrorCode code, int port) {
        return assertThatThrownBy(() -> RemoteVersion.load(directory, port).close())
                .isInstanceOfSatisfying(
                        InferenceException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static SignatureDef complex() {
        return SignatureDef.newBuilder()
                .putInputs("x", info("x:0", turnout.protocol.tensorflow.DataType.DT_COMPLEX64))
                .build();
    }

    private static TensorInfo info(String name, turnout.protocol.tensorflow.DataType type) {
        return TensorInfo.newBuilder()
                .setName(name)
                .setDtype(type)
                .setTensorShape(turnout.protocol.tensorflow.TensorShapeProto.getDefaultInstance())
                .build();
    }
}
