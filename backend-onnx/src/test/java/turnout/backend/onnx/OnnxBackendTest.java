package turnout.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.floats;
import static turnout.testkit.Tensors.ints;
import static turnout.testkit.Tensors.shape;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import turnout.spi.BackendProvider;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;
import turnout.spi.Device;
import turnout.spi.ErrorCode;
import turnout.spi.Loader;
import turnout.spi.Options;
import turnout.spi.Servable;
import turnout.spi.Tensor;
import turnout.spi.Ticker;
import turnout.testkit.ManualCancellation;

@Timeout(120)
class OnnxBackendTest {
    private static final Map<String, Tensor> FOREVER =
            Map.of("x", floats(shape(1, 1), 1), "n", ints(shape(1), Integer.MAX_VALUE));

    private static final String WATCH = "onnx-deadlines";

    private OnnxBench bench;

    @BeforeEach
    void start(@TempDir Path scratch) {
        bench = new OnnxBench(scratch);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void theProviderIsFoundAsAService() {
        assertThat(ServiceLoader.load(BackendProvider.class).stream().map(ServiceLoader.Provider::type))
                .containsExactly(OnnxProvider.class);
        assertThat(new OnnxProvider().platform()).isEqualTo("onnx");
    }

    @Test
    void withoutTheGpuLibraryTheCpuIsTheOnlyDevice() {
        assertThat(bench.backend().devices()).containsExactly(Device.CPU);
    }

    @Test
    void theModelThatProbesAGpuRunsOnTheCpu() throws Exception {
        try (OrtSession session = OrtEnvironment.getEnvironment().createSession(CudaDevices.probeModel())) {
            assertThat(session.getInputNames()).containsExactly("x");
        }
    }

    @Test
    void aFolderThatCannotTakeTheNativeLibraryIsExplained(@TempDir Path folder) {
        assertThat(OnnxProvider.spaceToUnpack(folder).isOk()).isTrue();
        assertThat(OnnxProvider.spaceToUnpack(folder.resolve("missing")).problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("is not a writable directory"));
    }

    @Test
    void loadingAndUnloadingLeavesNoThreads() throws IOException {
        loadRunUnload(2);
        loadRunUnload(1);
        long before = nativeThreads();
        for (int cycle = 0; cycle < 50; cycle++) {
            loadRunUnload(1);
            loadRunUnload(2);
        }
        assertThat(nativeThreads()).isLessThanOrEqualTo(before);
    }

    @Test
    void manySessionsNeedNoThreadsOfTheirOwn() throws IOException {
        loadRunUnload(2);
        long before = nativeThreads();
        Loader[] loaders = new Loader[40];
        for (int i = 0; i < loaders.length; i++) {
            loaders[i] = bench.loader(TestModels.version1("half_plus_two_onnx"), Options.empty(), 1 + i % 2);
            bench.run(loaders[i].load(), Map.of("x", floats(2)));
        }
        assertThat(nativeThreads()).isLessThanOrEqualTo(before);
        Stream.of(loaders).forEach(Loader::unload);
    }

    @Test
    void anOptionGivesASessionItsOwnThreads() throws IOException {
        long before = nativeThreads();
        Options options = new Options("onnx", Map.of("intra-op-threads", 4));
        Loader loader = bench.loader(TestModels.version1("half_plus_two_onnx"), options, 1);
        loader.load();
        assertThat(nativeThreads() - before).isEqualTo(3);
        loader.unload();
    }

    @Test
    void whatComesFirstEndsTheRun() {
        Loader loader = bench.loader(TestModels.version1("slow_matrix_onnx"));
        Servable servable = loader.load();
        ManualCancellation cancellation = new ManualCancellation();
        Deadline far = Deadline.after(Duration.ofMinutes(10), Ticker.system());
        Deadline near = Deadline.after(Duration.ofMillis(50), Ticker.system());
        assertThat(OnnxBench.failureOf(() -> bench.run(servable, FOREVER, near, cancellation))
                        .code())
                .isEqualTo(ErrorCode.DEADLINE);
        cancellation.fire();
        assertThat(OnnxBench.failureOf(() -> bench.run(servable, FOREVER, far, cancellation))
                        .code())
                .isEqualTo(ErrorCode.CANCELLED);
        loader.unload();
    }

    @Test
    void eachRunKeepsItsOwnDeadlineWhateverElseRuns() {
        Loader loader = bench.loader(TestModels.version1("slow_matrix_onnx"));
        Servable servable = loader.load();
        ManualCancellation cancellation = new ManualCancellation();
        // The watch sleeps to the far one when the nearer ones come.
        CompletableFuture<ErrorCode> far = endOf(servable, Duration.ofMinutes(10), cancellation);
        CompletableFuture<ErrorCode> later = endOf(servable, Duration.ofMillis(400), Cancellation.NEVER);
        CompletableFuture<ErrorCode> sooner = endOf(servable, Duration.ofMillis(100), Cancellation.NEVER);
        assertThat(sooner.orTimeout(30, TimeUnit.SECONDS).join()).isEqualTo(ErrorCode.DEADLINE);
        assertThat(later.orTimeout(30, TimeUnit.SECONDS).join()).isEqualTo(ErrorCode.DEADLINE);
        assertThat(far.isDone()).isFalse();
        cancellation.fire();
        assertThat(far.orTimeout(30, TimeUnit.SECONDS).join()).isEqualTo(ErrorCode.CANCELLED);
        loader.unload();
    }

    @Test
    void unloadingTwiceIsHarmless() {
        Loader loader = bench.loader(TestModels.version1("half_plus_two_onnx"));
        loader.load();
        loader.unload();
        loader.unload();
    }

    private CompletableFuture<ErrorCode> endOf(Servable servable, Duration time, Cancellation cancellation) {
        Deadline deadline = Deadline.after(time, Ticker.system());
        return CompletableFuture.supplyAsync(
                () -> OnnxBench.failureOf(() -> bench.run(servable, FOREVER, deadline, cancellation))
                        .code(),
                task -> new Thread(task).start());
    }

    private void loadRunUnload(int threadsPerRun) {
        Loader loader = bench.loader(TestModels.version1("half_plus_two_onnx"), Options.empty(), threadsPerRun);
        assertThatTensor(bench.run(loader.load(), Map.of("x", floats(2, 4))).get("y"))
                .isSameAs(floats(3, 4));
        loader.unload();
    }

    /** Threads that bear this thread's name for the kernel: native ones that it started inherit it, the JVM's own have others. */
    private static long nativeThreads() throws IOException {
        // A Java thread bears the name of its maker, too, until it has got its own.
        while (threadsNamed(WATCH) != javaThreadsNamed(WATCH)) {
            Thread.onSpinWait();
        }
        return threadsNamed(Files.readString(Path.of("/proc/thread-self/comm")).strip());
    }

    private static long javaThreadsNamed(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .count();
    }

    private static long threadsNamed(String name) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.filter(thread -> isNamed(thread, name)).count();
        }
    }

    private static boolean isNamed(Path thread, String name) {
        try {
            return Files.readString(thread.resolve("comm")).strip().equals(name);
        } catch (IOException e) {
            return false; // it has ended meanwhile
        }
    }
}
