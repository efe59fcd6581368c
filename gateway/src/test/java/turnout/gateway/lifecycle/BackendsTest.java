package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.gateway.plugin.Plugin;
import turnout.spi.Availability;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.BackendProvider;
import turnout.spi.Capability;
import turnout.spi.DataType;
import turnout.spi.Device;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;
import turnout.spi.OptionException;
import turnout.spi.Options;
import turnout.spi.Ticker;
import turnout.testkit.FakeBackend;
import turnout.testkit.FakeServable;
import turnout.testkit.TestBuffers;

class BackendsTest {
    private final FakeBackend good = new FakeBackend(request -> FakeServable.identity(DataType.FP32));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path scratch;

    private Backends create(Plugin... plugins) {
        return Backends.create(
                List.of(plugins),
                platform -> new BackendContext(Runnable::run, scratch, Ticker.system(), new TestBuffers(), 2));
    }

    @Test
    void whateverAPluginThrowsTheOthersServe() {
        Backends backends = create(
                plugin(new Broken("wild", () -> {
                    throw new NoSuchMethodError("old library");
                })),
                plugin(new Broken("wilder", () -> {
                    throw new AssertionError("never");
                })),
                plugin(good));

        assertThat(backends.platforms()).containsExactly("fake");
        assertThatThrownBy(() -> backends.named("wilder")).hasMessageContaining("never");
        assertThatThrownBy(() -> backends.named("wild")).hasMessageContaining("old library");
    }

    @Test
    void oneThatDoesNotCloseDoesNotKeepTheOthersFromIt() {
        Backends backends = create(plugin(new Broken("wild", () -> new Unclosable(good))), plugin(good));

        assertThatCode(backends::close).doesNotThrowAnyException();
    }

    @Test
    void aCheckThatBreaksIsAProblemOfTheConfiguration() {
        Map<String, Consumer<Options>> checks = Backends.optionChecks(List.of(plugin(new Broken("wild", () -> good))));

        assertThatThrownBy(() -> Objects.requireNonNull(checks.get("wild")).accept(Options.empty()))
                .isInstanceOf(OptionException.class)
                .hasMessageContaining("the backend could not check its options")
                .hasMessageContaining("cannot check");
    }

    private static Plugin plugin(BackendProvider provider) {
        return new Plugin(
                provider.platform(),
                "1",
                List.of(new Plugin.Provided(provider.platform(), provider, Availability.OK)),
                Optional.empty(),
                List.of());
    }

    /** Others' code at its worst. */
    private record Broken(String platform, Supplier<Backend> creates) implements BackendProvider {
        @Override
        public Availability isAvailable() {
            return Availability.OK;
        }

        @Override
        public void checkOptions(Options options) {
            throw new IllegalStateException("cannot check");
        }

        @Override
        public Backend create(BackendContext context) {
            return creates.get();
        }
    }

    /** One that cannot be closed. */
    private record Unclosable(Backend backend) implements Backend {
        @Override
        public Set<Capability> capabilities() {
            return backend.capabilities();
        }

        @Override
        public List<Device> devices() {
            return backend.devices();
        }

        @Override
        public boolean claims(Path location) {
            return false;
        }

        @Override
        public Loader loader(LoadRequest request) {
            return backend.loader(request);
        }

        @Override
        public void close() {
            throw new StackOverflowError("closing");
        }
    }
}
