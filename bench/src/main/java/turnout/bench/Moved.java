package turnout.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Counts the bytes that a benchmark has dealt with, so that JMH tells MB/s beside operations. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Moved {
    private long bytes;

    /** What JMH reports; the name is that of the secondary result. */
    public double megabytes() {
        return bytes / 1e6;
    }

    /** One operation dealt with so many bytes. */
    public void add(int count) {
        bytes += count;
    }
}
