package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.LoadRequest;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.spi.Ticker;
import turnout.testkit.FakeBackend;
import turnout.testkit.FakeServable;
import turnout.testkit.FakeTicker;
import turnout.testkit.TestBuffers;

class WarmupTest {
    private static final Signature ROWS = Signature.of(
            Signature.DEFAULT,
            List.of(TensorSpec.of("x", DataType.FP32, -1, -1)),
            List.of(TensorSpec.of("y", DataType.FP32, -1)));

    private final TestBuffers buffers = new TestBuffers();

    private Warmup.Learnt learn(FakeServable servable) {
        Warmup.Learnt learnt =
                new Warmup(buffers, Ticker.system()).run(servable, turnout.gateway.lane.BatchingConfig.DEFAULT);
        buffers.assertAllReturned();
        assertThat(servable.openResponses()).isZero();
        return learnt;
    }

    /** One number per row; {@code shared} is added to each row from all rows, as a model would that is not made for batches. */
    private static Map<String, Tensor> sums(InferenceRequest request, float shared) {
        Tensor x = request.inputs().values().iterator().next();
        int rows = (int) x.shape()[0];
        int width = (int) x.shape()[1];
        ByteBuffer in = x.data();
        float all = 0;
        float[] sums = new float[rows];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < width; i++) {
                float value = in.getFloat();
                sums[row] += value;
                all += value;
            }
        }
        ByteBuffer out = ByteBuffer.allocate(rows * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float sum : sums) {
            out.putFloat(sum + shared * all);
        }
        return Map.of("y", new Tensor(DataType.FP32, new long[] {rows}, out.flip()));
    }

    @Test
    void rowsThatDoNotDependOnTheirNeighboursMayBeJoined() {
        Warmup.Learnt learnt = learn(FakeServable.of(ROWS, request -> sums(request, 0)));
        assertThat(learnt.joinable()).containsExactly(Signature.DEFAULT);
        assertThat(learnt.conditions()).isEmpty();
    }

    @Test
    void rowsThatDependOnTheirNeighboursAreNotJoinedAndStatusSaysWhy() {
        Warmup.Learnt learnt = learn(FakeServable.of(ROWS, request -> sums(request, 0.1f)));
        assertThat(learnt.joinable()).isEmpty();
        assertThat(learnt.conditions())
                .containsExactly(
                        "signature serving_default runs call by call: rows of output y change when calls are joined");
    }

    @Test
    void stringsMustAgreeExactly() {
        assertThat(learn(FakeServable.identity(DataType.BYTES)).joinable()).containsExactly(Signature.DEFAULT);
    }

    @Test
    void everyTypeCanBeMadeUp() {
        for (DataType type : DataType.values()) {
            assertThat(learn(FakeServable.identity(type)).joinable())
                    .as(type.name())
                    .containsExactly(Signature.DEFAULT);
        }
    }

    @Test
    void anOutputWithoutOneRowForEachRowIsNotJoined() {
        FakeServable servable = FakeServable.of(
                ROWS, request -> Map.of("y", new Tensor(DataType.FP32, new long[] {1}, ByteBuffer.allocate(4))));
        assertThat(learn(servable).conditions())
                .containsExactly("signature serving_default runs call by call: output y has not one row for each row"
                        + " of input");
    }

    @Test
    void aSignatureWithoutAnAxisOfRowsIsLeftAlone() {
        Signature fixed = Signature.of(
                Signature.DEFAULT,
                List.of(TensorSpec.of("x", DataType.FP32, 2, 2)),
                List.of(TensorSpec.of("y", DataType.FP32, 2)));
        Warmup.Learnt learnt = learn(FakeServable.of(fixed, request -> sums(request, 0)));
        assertThat(learnt.joinable()).isEmpty();
        assertThat(learnt.conditions()).isEmpty();
    }

    @Test
    void anOutputDeclaredWithoutAnAxisOfRowsIsNamed() {
        Signature total = Signature.of(
                "mixed",
                List.of(TensorSpec.of("x", DataType.FP32, -1, -1)),
                List.of(TensorSpec.of("y", DataType.FP32, -1), TensorSpec.of("total", DataType.FP32)));
        FakeServable servable = FakeServable.of(
                total,
                request -> Map.of(
                        "y",
                        sums(request, 0).values().iterator().next(),
                        "total",
                        new Tensor(DataType.FP32, new long[0], ByteBuffer.allocate(4))));
        Warmup.Learnt learnt = learn(servable);
        assertThat(learnt.joinable()).isEmpty();
        assertThat(learnt.conditions())
                .containsExactly("signature mixed runs call by call: output total has no batch axis");
    }

    @Test
    void aModelThatRefusesMadeUpInputsIsServedCallByCall() {
        FakeServable servable = FakeServable.of(ROWS, request -> sums(request, 0))
                .failingWhen(request -> Optional.of(new InferenceException(ErrorCode.MODEL_FAILED, "not a picture")));
        assertThat(learn(servable).conditions())
                .containsExactly(
                        "signature serving_default was not warmed, and its calls are not joined: not a picture");
    }

    @Test
    void anotherSizeIsTriedWhereTheFirstIsRefused() {
        FakeServable servable = FakeServable.of(ROWS, request -> sums(request, 0))
                .failingWhen(request -> {
                    Tensor x = request.inputs().values().iterator().next();
                    return x.shape()[1] == 32
                            ? Optional.empty()
                            : Optional.of(new InferenceException(ErrorCode.INVALID_INPUT, "too small"));
                });
        assertThat(learn(servable).joinable()).containsExactly(Signature.DEFAULT);
    }

    @Test
    void aServableThatBreaksWhileItIsWarmedEnds(@TempDir Path root) {
        new Repository(root).version("m", 1);
        try (Rig rig = Rig.over(root, request -> FakeServable.identity(DataType.FP32)
                        .failingWhen(any -> Optional.of(new InferenceException(ErrorCode.INTERNAL, "corrupt"))))
                .start()) {
            assertThat(rig.available("m")).isEmpty();
            assertThat(rig.backend.loaded()).isZero();
        }
    }

    @Test
    void aLightModelRunsOnEveryCoreAtOnce(@TempDir Path root) {
        assertThat(loads(root, Duration.ofMillis(10), 2)).containsExactly(1);
    }

    @Test
    void aHeavyModelIsLoadedAgainWithAllCoresForOneRun(@TempDir Path root) {
        assertThat(loads(root, Duration.ofMillis(60), 1)).containsExactly(1, 2);
    }

    @ParameterizedTest
    @MethodSource("breakages")
    void aSecondSessionThatBreaksWhileItIsWarmedIsUnloaded(Runnable breakage, @TempDir Path root) {
        new Repository(root).version("m", 1);
        FakeTicker ticker = new FakeTicker();
        FakeBackend backend = new FakeBackend((LoadRequest request) -> FakeServable.of(ROWS, call -> {
            ticker.advance(Duration.ofMillis(60));
            if (request.threadsPerRun() > 1) {
                breakage.run();
            }
            return sums(call, 0);
        }));
        try (Rig rig = new Rig(root, backend, Rig.quick(1L << 40), ticker).start()) {
            assertThat(rig.status("m").version(1).orElseThrow().failure())
                    .isNotNull()
                    .extracting(VersionStatus.Failure::code)
                    .isEqualTo(ErrorCode.INTERNAL);
            assertThat(backend.loaded()).isZero();
        }
    }

    static Stream<Runnable> breakages() {
        return Stream.of(
                () -> {
                    throw new InferenceException(ErrorCode.INTERNAL, "corrupt");
                },
                () -> {
                    throw new IllegalStateException("a defect of the plugin");
                },
                () -> {
                    throw new AssertionError("a plugin's own");
                });
    }

    private static List<Integer> loads(Path root, Duration run, int instances) {
        new Repository(root).version("m", 1);
        FakeTicker ticker = new FakeTicker();
        List<Integer> threads = new CopyOnWriteArrayList<>();
        FakeBackend backend = new FakeBackend((LoadRequest request) -> {
            threads.add(request.threadsPerRun());
            return FakeServable.of(ROWS, call -> {
                ticker.advance(run);
                return sums(call, 0);
            });
        });
        try (Rig rig = new Rig(root, backend, Rig.quick(1L << 40), ticker).start()) {
            assertThat(rig.lane("m", 1).spec().instances()).isEqualTo(instances);
            assertThat(rig.lane("m", 1).spec().joinable()).containsExactly(Signature.DEFAULT);
            assertThat(rig.backend.loaded()).isEqualTo(1);
        }
        return threads;
    }
}
