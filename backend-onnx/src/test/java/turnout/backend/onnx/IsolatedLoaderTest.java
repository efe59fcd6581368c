package turnout.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.floats;

import ai.onnxruntime.OrtEnvironment;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.BackendProvider;
import turnout.spi.Cancellation;
import turnout.spi.Capability;
import turnout.spi.Deadline;
import turnout.spi.Device;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;
import turnout.spi.ModelVersion;
import turnout.spi.Options;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Ticker;
import turnout.testkit.TestBuffers;

/** The plugin works where a gateway puts it: in a class loader of its own that sees the SPI and nothing else of the host. */
class IsolatedLoaderTest {
    @Test
    void itLoadsAndRunsTwiceInOneProcess(@TempDir Path scratch) throws Exception {
        for (int round = 0; round < 2; round++) {
            try (URLClassLoader plugin = new URLClassLoader(pluginClassPath(), new SpiOnly())) {
                BackendProvider provider = ServiceLoader.load(BackendProvider.class, plugin)
                        .iterator()
                        .next();
                assertThat(provider.getClass().getClassLoader()).isSameAs(plugin);
                assertThat(provider.getClass()).isNotEqualTo(OnnxProvider.class);
                assertThat(provider.isAvailable().problem()).isEmpty();
                runsOnce(provider, scratch);
            }
        }
    }

    private static void runsOnce(BackendProvider provider, Path scratch) {
        Ticker ticker = Ticker.system();
        TestBuffers buffers = new TestBuffers();
        try (Backend backend =
                provider.create(new BackendContext(ForkJoinPool.commonPool(), scratch, ticker, buffers, 2))) {
            assertThat(backend.capabilities()).contains(Capability.WIDE_UNSIGNED);
            Path location = TestModels.version1("half_plus_two_onnx");
            Loader loader =
                    backend.loader(new LoadRequest(new ModelVersion("m", 1), location, Options.empty(), Device.CPU, 2));
            Servable servable = loader.load();
            Signature signature = servable.signatures().get(Signature.DEFAULT);
            assertThat(signature).isNotNull();
            InferenceRequest request = new InferenceRequest(
                    signature,
                    Map.of("x", floats(2, 4)),
                    List.of("y"),
                    Map.of(),
                    Deadline.after(Duration.ofMinutes(1), ticker),
                    Cancellation.NEVER);
            try (InferenceResponse response =
                    servable.infer(request).toCompletableFuture().join()) {
                assertThatTensor(response.outputs().get("y")).isSameAs(floats(3, 4));
            }
            loader.unload();
        }
        buffers.assertAllReturned();
    }

    private static URL[] pluginClassPath() {
        return new URL[] {locationOf(OnnxProvider.class), locationOf(OrtEnvironment.class)};
    }

    private static URL locationOf(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }

    /** As the host's: the platform's classes and {@code turnout.spi}. */
    private static final class SpiOnly extends ClassLoader {
        SpiOnly() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("turnout.spi.")) {
                return BackendProvider.class.getClassLoader().loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }
}
