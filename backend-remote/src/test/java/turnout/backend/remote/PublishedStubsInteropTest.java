package turnout.backend.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static turnout.testkit.TensorAssert.assertThatTensor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import turnout.protocol.codec.TensorProtos;
import turnout.spi.Cancellation;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Tensor;
import turnout.testkit.Tensors;

/** Against a server made of grpcio and the published stubs. Run by {@code mvn -P interop -Dturnout.python=... test}. */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PublishedStubsInteropTest {
    private Process server;
    private int port;
    private RemoteVersion version;

    @BeforeAll
    @SuppressWarnings("NullAway.Init")
    void startServer() throws IOException {
        server = new ProcessBuilder(
                        System.getProperty("turnout.python", "python3"), "src/test/python/fake_tensorflow_serving.py")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader out = new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        if (line == null || !line.startsWith("port ")) {
            throw new AssertionError("the server did not start; it said: " + line);
        }
        port = Integer.parseInt(line.substring("port ".length()));
    }

    @BeforeEach
    @SuppressWarnings("NullAway.Init")
    void load(@TempDir Path directory) throws IOException {
        version = RemoteVersion.load(directory, port);
    }

    @AfterEach
    void unload() {
        version.close();
    }

    @AfterAll
    void stopServer() throws Exception {
        server.getOutputStream().close();
        assertThat(server.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeComesBackBitByBit(DataType type) throws Exception {
        Tensor x = type == DataType.BYTES ? Tensors.strings("", "plain", "a\0b", "Grüße 日本") : numbers(type);
        assertThatTensor(version.echo(TensorProtos.wireType(type).name(), x)).isSameAs(x);
    }

    @ParameterizedTest
    @EnumSource
    void zeroRowsComeBack(DataType type) throws Exception {
        Tensor x = Tensors.empty(type, 0);
        assertThatTensor(version.echo(TensorProtos.wireType(type).name(), x)).isSameAs(x);
    }

    @Test
    void signaturesAreThoseOfTheServerButForWhatWeDoNotCarry() {
        assertThat(version.signatures()).containsKeys("DT_FLOAT", "content").doesNotContainKey("complex");
        assertThat(version.signatures().values())
                .allSatisfy(signature -> assertThat(signature.input("x")).hasValueSatisfying(x -> {
                    assertThat(x.nativeName()).isEqualTo("x:0");
                    assertThat(x.shape()).containsExactly(-1);
                }));
    }

    @Test
    void bothFormsOfAnswersAreRead() throws Exception {
        assertThatTensor(version.echo("content", Tensors.floats(1, 2, 3))).hasFloats(1, 2, 3);
        assertThatTensor(version.echo("repeated", Tensors.floats(0))).hasFloats(1.5f, 1.5f, 1.5f, 1.5f);
    }

    @Test
    void largeTensorsPass() throws Exception {
        Tensor large = new Tensor(DataType.FP32, new long[] {3 << 20}, ByteBuffer.allocate(12 << 20));
        assertThat(version.echo("content", large).byteSize()).isEqualTo(12 << 20);
    }

    @Test
    void aRefusalCarriesTheServersWords() throws Exception {
        InferenceException failure = RemoteVersion.failure(
                version.send("strict", Tensors.floats(1), Duration.ofSeconds(30), Cancellation.NEVER));
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_INPUT);
        assertThat(failure).hasMessage("the remote server answered INVALID_ARGUMENT: Matrix size-incompatible");
    }

    @Test
    void theDeadlineEndsASlowRun() throws Exception {
        long start = System.nanoTime();
        InferenceException failure = RemoteVersion.failure(
                version.send("slow", Tensors.floats(2), Duration.ofMillis(200), Cancellation.NEVER));
        assertThat(failure.code()).isEqualTo(ErrorCode.DEADLINE);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(1500));
    }

    @Test
    void versionsAndLabelsAreAskedForByTheFile(@TempDir Path directory) throws Exception {
        try (RemoteVersion third = RemoteVersion.load(directory, RemoteVersion.yaml(port) + "version: 3\n")) {
            assertThatTensor(third.echo("content", Tensors.floats(1))).hasFloats(1);
        }
        try (RemoteVersion stable = RemoteVersion.load(directory, RemoteVersion.yaml(port) + "label: stable\n")) {
            assertThatTensor(stable.echo("content", Tensors.floats(1))).hasFloats(1);
        }
        assertRefused(directory, "version: 9", ErrorCode.UNAVAILABLE);
        assertRefused(directory, "model: other", ErrorCode.UNAVAILABLE);
        assertRefused(directory, "label: none", ErrorCode.MODEL_FAILED);
    }

    private void assertRefused(Path directory, String line, ErrorCode code) {
        assertThatThrownBy(() -> RemoteVersion.load(directory, RemoteVersion.yaml(port) + line)
                        .close())
                .isInstanceOfSatisfying(
                        InferenceException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static Tensor numbers(DataType type) {
        byte[] bytes = new byte[16 * type.width()];
        new Random(3).nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            // Small exponents only: Python makes quiet NaNs of signalling ones in typed lists.
            bytes[i] &= (byte) (type == DataType.BOOL ? 1 : 0x3f);
        }
        return new Tensor(type, new long[] {16}, ByteBuffer.wrap(bytes));
    }
}
