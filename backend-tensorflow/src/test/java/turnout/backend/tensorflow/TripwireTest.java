package turnout.backend.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.floats;
import static turnout.testkit.Tensors.ints;
import static turnout.testkit.Tensors.shape;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Loader;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.testkit.FakeTicker;
import turnout.testkit.ManualCancellation;

/** Ends runs of a looping model early. Its loop would take minutes. */
@Timeout(120)
class TripwireTest {
    private static final int FOR_EVER = 20_000_000;

    @Test
    void aCancelEndsItsOwnRunAndNoOther() throws Exception {
        try (TestHost host = new TestHost();
                Threads threads = new Threads()) {
            Loader loader = host.loader(TestModels.of("slow_matrix"));
            Servable servable = loader.load();
            ManualCancellation first = new ManualCancellation();
            ManualCancellation second = new ManualCancellation();
            Future<ErrorCode> one = threads.submit(() -> failureOf(host, servable, FOR_EVER, first));
            Future<ErrorCode> two = threads.submit(() -> failureOf(host, servable, FOR_EVER, second));
            assertAnswers(host, servable);
            first.fire();
            assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo(ErrorCode.CANCELLED);
            assertAnswers(host, servable);
            assertThat(two.isDone()).isFalse();
            second.fire();
            assertThat(two.get(30, TimeUnit.SECONDS)).isEqualTo(ErrorCode.CANCELLED);
            assertAnswers(host, servable);
            loader.unload();
        }
    }

    @Test
    void aDeadlineIsReadFromTheGatewaysClock() throws Exception {
        FakeTicker ticker = new FakeTicker();
        try (TestHost host = new TestHost(ticker);
                Threads threads = new Threads()) {
            Loader loader = host.loader(TestModels.of("slow_matrix"));
            Servable servable = loader.load();
            Deadline deadline = host.in(Duration.ofHours(1));
            Future<ErrorCode> run = threads.submit(() -> failureOf(host, servable, FOR_EVER, Cancellation.NEVER));
            assertAnswers(host, servable);
            assertThat(run.isDone()).isFalse();
            ticker.advance(Duration.ofHours(2));
            assertThat(run.get(30, TimeUnit.SECONDS)).isEqualTo(ErrorCode.DEADLINE);
            assertThat(deadline.isPast(ticker)).isTrue();
            loader.unload();
        }
    }

    @Test
    void cancelsThatRaceWithTheEndOfARunSpoilNoOtherAnswer() throws Exception {
        try (TestHost host = new TestHost();
                Threads threads = new Threads()) {
            Loader loader = host.loader(TestModels.of("slow_matrix"));
            Servable servable = loader.load();
            List<Callable<int[]>> callers = new ArrayList<>();
            for (int caller = 0; caller < 3; caller++) {
                long seed = caller;
                callers.add(() -> raceCancels(host, servable, threads, new Random(seed)));
            }
            int answered = 0;
            int cancelled = 0;
            for (Future<int[]> caller : threads.pool.invokeAll(callers)) {
                answered += caller.get()[0];
                cancelled += caller.get()[1];
            }
            assertThat(answered).isPositive();
            assertThat(cancelled).isPositive();
            assertAnswers(host, servable);
            loader.unload();
        }
    }

    @Test
    void moreCallersThanSlotsWaitForTheirTurn() throws Exception {
        try (TestHost host = new TestHost()) {
            Loader loader = host.loader(TestModels.of("slow_matrix"));
            Servable servable = loader.load();
            int callers = 40;
            ExecutorService pool = Executors.newFixedThreadPool(callers);
            CountDownLatch start = new CountDownLatch(callers);
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                runs.add(pool.submit(() -> {
                    start.countDown();
                    start.await();
                    for (int call = 0; call < 10; call++) {
                        assertAnswers(host, servable);
                    }
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get(60, TimeUnit.SECONDS);
            }
            pool.shutdownNow();
            loader.unload();
        }
    }

    /** Runs whose length and whose cancel are about equally long; gives how many answered and how many were cancelled. */
    private static int[] raceCancels(TestHost host, Servable servable, Threads threads, Random random) {
        int[] counts = new int[2];
        for (int call = 0; call < 150; call++) {
            ManualCancellation cancellation = new ManualCancellation();
            threads.laterMicros(random.nextInt(6000), cancellation::fire);
            float x = call;
            try {
                Tensor y = host.run(
                                servable,
                                Signature.DEFAULT,
                                inputs(x, random.nextInt(40)),
                                List.of("y"),
                                host.in(Duration.ofMinutes(1)),
                                cancellation)
                        .get("y");
                assertThatTensor(y).isSameAs(floats(shape(1, 1), x / 2 + 2));
                counts[0]++;
            } catch (InferenceException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED);
                counts[1]++;
            }
        }
        return counts;
    }

    private static ErrorCode failureOf(TestHost host, Servable servable, int steps, Cancellation cancellation) {
        return TestHost.failure(() -> host.run(
                        servable,
                        Signature.DEFAULT,
                        inputs(1, steps),
                        List.of("y"),
                        host.in(Duration.ofMinutes(90)),
                        cancellation))
                .code();
    }

    private static void assertAnswers(TestHost host, Servable servable) {
        assertThatTensor(host.run(servable, inputs(4, 3), "y").get("y")).isSameAs(floats(shape(1, 1), 4));
    }

    private static Map<String, Tensor> inputs(float x, int steps) {
        return Map.of("x", floats(shape(1, 1), x), "n", ints(shape(1), steps));
    }

    /** Callers and a clock for cancels. */
    private static final class Threads implements AutoCloseable {
        private final ExecutorService pool = Executors.newCachedThreadPool();
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

        <T> Future<T> submit(Callable<T> task) {
            return pool.submit(task);
        }

        void laterMicros(long micros, Runnable action) {
            Future<?> ignored = clock.schedule(action, micros, TimeUnit.MICROSECONDS);
        }

        @Override
        public void close() {
            pool.shutdownNow();
            clock.shutdownNow();
        }
    }
}
