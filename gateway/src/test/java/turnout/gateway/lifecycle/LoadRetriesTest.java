package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Ticker;
import turnout.testkit.FakeBackend;

class LoadRetriesTest {
    private static LifecycleConfig retrying(int times) {
        return new LifecycleConfig(
                2,
                1L << 40,
                Map.of(),
                Duration.ofMillis(5),
                2,
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                times,
                LifecycleConfig.Labels.PRESENT);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5})
    void aLoadIsTriedAgainAsOftenAsTheLimitSaysAndNoMore(int retries, @TempDir Path root) {
        new Repository(root).version("m", 1);
        AtomicInteger loads = new AtomicInteger();
        FakeBackend backend = new FakeBackend(request -> {
            loads.incrementAndGet();
            throw new InferenceException(ErrorCode.UNAVAILABLE, "the server is away");
        });
        try (Rig rig = new Rig(root, backend, retrying(retries), Ticker.system()).start()) {
            // Dozens of pauses: one that is too many would come in that time.
            await().during(Duration.ofMillis(200)).until(() -> loads.get() == retries + 1);
            assertThat(rig.state("m", 1)).isEqualTo(State.END);

            Rig.await(rig.manager.load("m").otherwiseEmpty());
            await().during(Duration.ofMillis(200)).until(() -> loads.get() == 2 * (retries + 1));
        }
    }
}
