package turnout.gateway.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import turnout.spi.Device;

/**
 * Memory that loaded versions may take: main memory, and that of devices with a limit. A version gets its share of all of them at once or
 * of none, so two that wait for each other's cannot be. Owned by the control thread; {@link #used} may be read by any.
 */
final class MemoryBudget {
    private final Pool host;
    private final List<Pool> pools = new ArrayList<>();
    private final Runnable onRelease;

    /**
     * @param hostBytes main memory
     * @param deviceBytes memory of devices; one that is not named has no limit
     * @param onRelease told when some was given back
     */
    MemoryBudget(long hostBytes, Map<Device, Long> deviceBytes, Runnable onRelease) {
        this.host = new Pool("memory budget", hostBytes, MemoryNeed::hostBytes);
        this.onRelease = onRelease;
        pools.add(host);
        deviceBytes.entrySet().stream()
                // In a fixed order, so that equal shortages read the same.
                .sorted((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()))
                .forEach(device -> pools.add(new Pool(
                        "budget for " + device.getKey(), device.getValue(), need -> need.on(device.getKey()))));
    }

    /** Whether so much fits when nothing else is loaded. */
    boolean couldHold(MemoryNeed need) {
        return pools.stream().allMatch(pool -> pool.couldHold(need));
    }

    /** Whether so much fits now. */
    boolean holds(MemoryNeed need) {
        return pools.stream().allMatch(pool -> pool.holds(need));
    }

    /** Whether versions are going wherever it is too tight, so that waiting may help. */
    boolean expectsRelease(MemoryNeed need) {
        return pools.stream().filter(pool -> !pool.holds(need)).allMatch(pool -> pool.leaving > 0);
    }

    /** Takes that much; only after {@link #holds}. */
    Reservation reserve(MemoryNeed need) {
        pools.forEach(pool -> pool.used.addAndGet(pool.share(need)));
        return new Reservation(need);
    }

    /** Bytes of main memory that are taken. */
    long used() {
        return host.used.get();
    }

    /** Why so much does not fit. */
    String shortage(MemoryNeed need) {
        return pools.stream()
                .filter(pool -> !pool.holds(need))
                .findFirst()
                .map(pool -> pool.shortage(need))
                .orElse("it fits");
    }

    /** Memory of one kind. */
    private static final class Pool {
        private final String name;
        private final long total;
        private final ToLongFunction<MemoryNeed> shareOf;
        private final AtomicLong used = new AtomicLong();
        private int leaving;

        Pool(String name, long total, ToLongFunction<MemoryNeed> shareOf) {
            this.name = name;
            this.total = total;
            this.shareOf = shareOf;
        }

        long share(MemoryNeed need) {
            return shareOf.applyAsLong(need);
        }

        boolean couldHold(MemoryNeed need) {
            return share(need) <= total;
        }

        boolean holds(MemoryNeed need) {
            return share(need) <= total - used.get();
        }

        String shortage(MemoryNeed need) {
            String needed = "it needs " + mebibytes(share(need));
            return couldHold(need)
                    ? needed + ", but only " + mebibytes(total - used.get()) + " of the " + name + " of "
                            + mebibytes(total) + " are left"
                    : needed + ", more than the whole " + name + " of " + mebibytes(total);
        }

        private static String mebibytes(long bytes) {
            return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
        }
    }

    /** One version's share. */
    final class Reservation {
        private final MemoryNeed need;
        private boolean goes;
        private boolean released;

        private Reservation(MemoryNeed need) {
            this.need = need;
        }

        /** It will be released soon. */
        void leaves() {
            if (!goes && !released) {
                goes = true;
                leaving(1);
            }
        }

        /** Gives it back; once, whatever is called more often. */
        void release() {
            if (!released) {
                released = true;
                pools.forEach(pool -> pool.used.addAndGet(-pool.share(need)));
                if (goes) {
                    leaving(-1);
                }
                onRelease.run();
            }
        }

        private void leaving(int change) {
            // A version frees only what it holds: nobody waits at one device for a version of another.
            pools.stream().filter(pool -> pool.share(need) > 0).forEach(pool -> pool.leaving += change);
        }
    }
}
