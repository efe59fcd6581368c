package turnout.gateway.device;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import turnout.testkit.FakeTicker;

class DevicePoolTest {
    private final Vertx vertx = Vertx.vertx();
    private final FakeTicker ticker = new FakeTicker();
    private final List<DevicePool> pools = new ArrayList<>();

    @AfterEach
    void close() {
        pools.forEach(DevicePool::close);
        result(vertx.close());
    }

    @Test
    void asManyTurnsAreOutAsThereAreWorkers() {
        DevicePool pool = pool(2, 0);
        Place place = new Place(pool, 8);

        place.want();
        place.want();
        place.want();

        assertThat(place.turns).hasSize(2);
        place.turns.get(0).end();
        assertThat(place.turns).hasSize(3);
    }

    @Test
    void aLaneHoldsNoMoreTurnsThanItMay() {
        DevicePool pool = pool(4, 0);
        Place place = new Place(pool, 1);

        place.want();
        place.want();

        assertThat(place.turns).hasSize(1);
        place.last().end();
        assertThat(place.turns).as("the second wish was kept").hasSize(2);
        place.last().end();
        assertThat(place.turns).as("nobody asked again").hasSize(2);
    }

    @Test
    void theTurnGoesToTheLaneThatHadLeastDeviceTime() {
        DevicePool pool = pool(1, 0);
        Place slow = new Place(pool, 1);
        Place fast = new Place(pool, 1);
        fast.want();
        slow.want();
        fast.last().end();
        assertThat(slow.turns).hasSize(1);
        fast.want();
        slow.turnAndAgain(ticker, Duration.ofSeconds(10));

        // Ten seconds of the slow one are worth a hundred turns of a tenth of a second.
        for (int i = 0; i < 100; i++) {
            assertThat(fast.turns).hasSize(2 + i);
            assertThat(slow.turns).as("while the fast one has its turn %s", i).hasSize(1);
            fast.turnAndAgain(ticker, Duration.ofMillis(100));
        }
        assertThat(slow.turns).hasSize(2);
    }

    @Test
    void aLaneThatWasIdleHasNoCredit() {
        DevicePool pool = pool(1, 0);
        Place busy = new Place(pool, 1);
        Place idle = new Place(pool, 1);
        for (int i = 0; i < 10; i++) {
            busy.want();
            ticker.advance(Duration.ofSeconds(1));
            busy.last().end();
        }
        busy.want();
        idle.want();
        ticker.advance(Duration.ofSeconds(1));
        busy.last().end();
        assertThat(idle.turns).hasSize(1);
        busy.want();
        ticker.advance(Duration.ofSeconds(3));
        idle.want();
        idle.last().end();

        // Level when it came, it is ahead now: the busy one is next.
        assertThat(idle.turns).hasSize(1);
        assertThat(busy.turns).hasSize(12);
    }

    @Test
    void aSpareTurnGoesToALaneThatHoldsNoneAndHasWaited() {
        DevicePool pool = pool(1, 1);
        Place slow = new Place(pool, 8);
        Place fast = new Place(pool, 8);
        slow.want();
        slow.want();
        fast.want();
        ticker.advance(Duration.ofMillis(5));

        await().atMost(20, SECONDS).until(() -> fast.turns.size() == 1);
        assertThat(slow.turns).as("it holds a turn and gets no spare").hasSize(1);
        fast.last().end();
        fast.want();
        ticker.advance(Duration.ofMillis(5));
        await().atMost(20, SECONDS).until(() -> fast.turns.size() == 2);
        assertThat(slow.turns).hasSize(1);
    }

    @Test
    void sparesAreBounded() {
        DevicePool pool = pool(1, 2);
        new Place(pool, 1).want();
        List<Place> places = List.of(new Place(pool, 1), new Place(pool, 1), new Place(pool, 1));
        places.forEach(Place::want);
        ticker.advance(Duration.ofMillis(5));

        await().atMost(20, SECONDS).until(() -> granted(places) == 2);
        // The third waits, however long; a round over the timers shows it.
        ticker.advance(Duration.ofSeconds(10));
        places.get(0).last().end();
        await().atMost(20, SECONDS).until(() -> granted(places) == 3);
    }

    @Test
    void nobodyGetsASpareBeforeItHasWaited() {
        DevicePool pool = pool(1, 1);
        new Place(pool, 1).want();
        Place fresh = new Place(pool, 1);
        fresh.want();

        // The pool's own timer has looked at it when a later one of the same kind has fired several times.
        CountDownLatch rounds = new CountDownLatch(5);
        vertx.setPeriodic(5, id -> rounds.countDown());
        await().atMost(20, SECONDS).until(() -> rounds.getCount() == 0);
        assertThat(fresh.turns).isEmpty();

        ticker.advance(Duration.ofMillis(5));
        await().atMost(20, SECONDS).until(() -> fresh.turns.size() == 1);
    }

    @Test
    void aTurnThatEndsTwiceIsAMistake() {
        DevicePool pool = pool(1, 0);
        Place place = new Place(pool, 1);
        place.want();
        place.last().end();

        assertThatIllegalStateException().isThrownBy(() -> place.last().end());

        place.want();
        place.want();
        assertThat(place.turns).as("no second turn came of it").hasSize(2);
    }

    @Test
    void aLaneThatLeavesWhileItWaitsGetsNoTurn() {
        DevicePool pool = pool(1, 0);
        Place first = new Place(pool, 1);
        Place leaver = new Place(pool, 1);
        Place next = new Place(pool, 1);
        first.want();
        leaver.want();
        next.want();

        leaver.turnstile.leave();
        first.last().end();

        assertThat(leaver.turns).isEmpty();
        assertThat(next.turns).hasSize(1);
        leaver.want();
        next.last().end();
        assertThat(leaver.turns).isEmpty();
    }

    @Test
    void turnsRunOnThreadsNamedAfterTheDevice() {
        DevicePool pool = pool(1, 0);
        Place place = new Place(pool, 1);
        List<String> threads = new CopyOnWriteArrayList<>();
        place.want();

        place.last().run(() -> threads.add(Thread.currentThread().getName()));

        await().atMost(20, SECONDS).until(() -> !threads.isEmpty());
        assertThat(threads.get(0)).startsWith("turnout-test-");
    }

    private DevicePool pool(int turns, int spares) {
        DevicePool pool = new DevicePool(vertx, ticker, "test", turns, spares);
        pools.add(pool);
        return pool;
    }

    private static long granted(List<Place> places) {
        return places.stream().mapToLong(place -> place.turns.size()).sum();
    }

    private static final class Place {
        private final List<Turn> turns = new CopyOnWriteArrayList<>();
        private final Turnstile turnstile;

        Place(DevicePool pool, int mostTurns) {
            turnstile = pool.enroll(mostTurns, turns::add);
        }

        void want() {
            turnstile.want();
        }

        /** Asks for the next turn while it still runs, as a lane with a queue does. */
        void turnAndAgain(FakeTicker ticker, Duration duration) {
            ticker.advance(duration);
            want();
            Turn turn = last();
            turn.end();
        }

        Turn last() {
            return turns.get(turns.size() - 1);
        }
    }
}
