package turnout.spi;

/** A clock that only counts: nanoseconds since some fixed moment, never backwards. Tests move their own. */
@FunctionalInterface
public interface Ticker {
    /** Nanoseconds since an arbitrary origin; only differences mean something. */
    long nanos();

    /** The machine's monotonic clock. */
    static Ticker system() {
        return System::nanoTime;
    }
}
