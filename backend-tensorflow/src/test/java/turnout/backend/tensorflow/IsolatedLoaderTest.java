package turnout.backend.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.floats;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.BackendProvider;
import turnout.spi.Buffers;
import turnout.spi.Cancellation;
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
import turnout.testkit.Tensors;
import turnout.testkit.TestBuffers;

/** The plugin as the gateway loads it: its own class loader, which shares nothing but the SPI. */
class IsolatedLoaderTest {
    @Test
    void theBackendRunsInIsolationTwiceInOneProcess() throws Exception {
        for (int round = 0; round < 2; round++) {
            // Never closed, as the gateway never closes it: native code stays loaded with its class loader.
            URLClassLoader plugin = new URLClassLoader(pluginJars(), new SpiOnly());
            BackendProvider provider = ServiceLoader.load(BackendProvider.class, plugin)
                    .findFirst()
                    .orElseThrow();
            assertThat(provider.getClass().getClassLoader()).isSameAs(plugin);
            assertThat(provider.platform()).isEqualTo("tensorflow_savedmodel");
            assertThat(provider.isAvailable().problem()).isEmpty();
            runsHalfPlusTwo(provider);
        }
    }

    private static void runsHalfPlusTwo(BackendProvider provider) throws Exception {
        TestBuffers buffers = new TestBuffers();
        Ticker ticker = Ticker.system();
        try (Backend backend = provider.create(new BackendContext(Runnable::run, Path.of("."), ticker, buffers, 2));
                Buffers.Lease lease = buffers.lease(Float.BYTES)) {
            Loader loader = backend.loader(new LoadRequest(
                    new ModelVersion("m", 1), TestModels.of("half_plus_two"), Options.empty(), Device.CPU, 1));
            Servable servable = loader.load();
            Signature signature = Objects.requireNonNull(servable.signatures().get(Signature.DEFAULT));
            InferenceRequest request = new InferenceRequest(
                    signature,
                    Map.of("x", Tensors.in(lease, floats(3))),
                    List.of("y"),
                    Map.of(),
                    Deadline.after(Duration.ofMinutes(1), ticker),
                    Cancellation.NEVER);
            try (InferenceResponse response =
                    servable.infer(request).toCompletableFuture().get()) {
                assertThatTensor(response.outputs().get("y")).isSameAs(floats(3.5f));
            }
            loader.unload();
        }
    }

    private static URL[] pluginJars() throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<URL> urls = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            if (!entry.isEmpty() && !entry.contains("backend-spi") && !entry.contains("test-classes")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls.toArray(new URL[0]);
    }

    /** Lets the SPI through to the host and nothing else. */
    private static final class SpiOnly extends ClassLoader {
        SpiOnly() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("turnout.spi.")) {
                return Class.forName(name, false, IsolatedLoaderTest.class.getClassLoader());
            }
            throw new ClassNotFoundException(name);
        }
    }
}
