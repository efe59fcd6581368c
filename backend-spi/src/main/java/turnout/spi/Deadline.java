package turnout.spi;

import java.time.Duration;

/**
 * The instant after which nobody waits for an answer, on a {@link Ticker}'s scale.
 *
 * @param nanos the instant; compare by difference, since the scale may wrap
 */
public record Deadline(long nanos) {
    /** So far in the future that arithmetic on it cannot overflow: about 146 years. */
    private static final long FAR = Long.MAX_VALUE / 2;

    /** The instant that lies so far after now. */
    public static Deadline after(Duration duration, Ticker ticker) {
        long nanos;
        try {
            nanos = duration.toNanos();
        } catch (ArithmeticException e) {
            nanos = FAR;
        }
        return new Deadline(ticker.nanos() + Math.min(nanos, FAR));
    }

    /** Nanoseconds left, negative once it has passed. */
    public long remainingNanos(Ticker ticker) {
        return nanos - ticker.nanos();
    }

    /** Whether it has passed. */
    public boolean isPast(Ticker ticker) {
        return remainingNanos(ticker) <= 0;
    }

    /** The earlier of two. */
    public Deadline min(Deadline other) {
        return nanos - other.nanos <= 0 ? this : other;
    }

    /** The later of two. */
    public Deadline max(Deadline other) {
        return nanos - other.nanos >= 0 ? this : other;
    }
}
