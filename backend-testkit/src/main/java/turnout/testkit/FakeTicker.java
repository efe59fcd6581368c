package turnout.testkit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import turnout.spi.Ticker;

/** A clock that stands still until the test moves it. Safe for any thread. */
public final class FakeTicker implements Ticker {
    private final AtomicLong nanos;

    /** A clock that starts close to the wrap-around of a long, so that code which compares instants instead of differences fails. */
    public FakeTicker() {
        this.nanos = new AtomicLong(Long.MAX_VALUE - Duration.ofMillis(5).toNanos());
    }

    /** Moves it forward. */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a ticker never goes back: " + duration);
        }
        nanos.addAndGet(duration.toNanos());
    }

    @Override
    public long nanos() {
        return nanos.get();
    }
}
