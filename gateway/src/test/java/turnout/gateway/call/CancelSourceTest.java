package turnout.gateway.call;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import turnout.spi.Cancellation;

class CancelSourceTest {
    private final CancelSource source = new CancelSource();
    private final List<String> ran = new ArrayList<>();

    @Test
    void firesEachActionOnce() {
        try (Cancellation.Registration a = source.onCancel(() -> ran.add("a"));
                Cancellation.Registration b = source.onCancel(() -> ran.add("b"))) {
            assertThat(a).isNotSameAs(b);
            source.cancel();
            source.cancel();
        }

        assertThat(ran).containsExactly("a", "b");
        assertThat(source.isCancelled()).isTrue();
    }

    @Test
    void anActionThatComesTooLateRunsAtOnce() {
        source.cancel();

        source.onCancel(() -> ran.add("late")).close();

        assertThat(ran).containsExactly("late");
    }

    @Test
    void aClosedRegistrationNeverRuns() {
        source.onCancel(() -> ran.add("closed")).close();

        source.cancel();

        assertThat(ran).isEmpty();
    }

    @Test
    void oneActionMayCloseAnotherBeforeItRuns() {
        List<Cancellation.Registration> later = new ArrayList<>();
        Cancellation.Registration first = source.onCancel(() -> later.get(0).close());
        later.add(source.onCancel(() -> ran.add("touches freed memory")));

        source.cancel();
        first.close();

        assertThat(ran).isEmpty();
    }

    @Test
    void anActionThatThrowsDoesNotKeepTheOthersFromRunning() {
        Cancellation.Registration bad = source.onCancel(() -> {
            throw new IllegalStateException("bad");
        });
        Cancellation.Registration good = source.onCancel(() -> ran.add("good"));

        assertThatThrownBy(source::cancel).hasMessage("bad");

        bad.close();
        good.close();
        assertThat(ran).containsExactly("good");
    }

    @Test
    void closingWaitsForAnActionUnderWay() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        AtomicBoolean endedWhenClosed = new AtomicBoolean();
        Cancellation.Registration registration = source.onCancel(() -> {
            begun.countDown();
            try {
                ended.set(goOn.await(20, SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Thread canceller = new Thread(source::cancel);
        canceller.start();
        assertThat(begun.await(20, SECONDS)).isTrue();
        Thread closer = new Thread(() -> {
            registration.close();
            endedWhenClosed.set(ended.get());
        });
        closer.start();
        await().atMost(20, SECONDS).until(() -> closer.getState() == Thread.State.BLOCKED);

        goOn.countDown();
        closer.join();
        canceller.join();

        assertThat(endedWhenClosed).isTrue();
    }
}
