package turnout.gateway.routing;

import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Deals calls to versions by weight: a pure function of salt and unit, so the same on every replica and after a restart.
 *
 * <p>Versions lie on a line of a million buckets, the newest at the low end: widening a canary moves units only towards it, narrowing
 * moves the last-joined back.
 */
public final class Split {
    /** Parts that the line is divided in. */
    static final int PARTS = 1_000_000;

    private final String salt;
    private final SortedMap<Long, Integer> weights;

    // Newest first; arm i takes the buckets below bounds[i] that no earlier arm took.
    private final long[] versions;
    private final int[] bounds;

    /**
     * @param salt makes splits of different models independent
     * @param weights relative weights by version, none negative, at least one positive
     */
    public Split(String salt, Map<Long, Integer> weights) {
        this.salt = salt;
        this.weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
        long total = weights.values().stream().mapToLong(Integer::longValue).sum();
        if (total <= 0 || weights.values().stream().anyMatch(weight -> weight < 0)) {
            throw new IllegalArgumentException("weights must not be negative and not all zero, were " + this.weights);
        }
        List<Long> newestFirst = new ArrayList<>(this.weights.keySet());
        Collections.reverse(newestFirst);
        versions = newestFirst.stream().mapToLong(Long::longValue).toArray();
        bounds = new int[versions.length];
        long sum = 0;
        for (int i = 0; i < versions.length; i++) {
            sum += weights.getOrDefault(versions[i], 0);
            bounds[i] = (int) (sum * PARTS / total);
        }
    }

    /** The version that a unit is dealt to; never one of weight 0. */
    public long pick(String unit) {
        int bucket = bucket(salt, unit);
        for (int i = 0; i < versions.length; i++) {
            if (bucket < bounds[i]) {
                return versions[i];
            }
        }
        throw new AssertionError("bucket " + bucket + " lies beyond the last bound");
    }

    /** Weights by version, as given. */
    public SortedMap<Long, Integer> weights() {
        return weights;
    }

    /** The newest version of those with weight: the treatment, where there is more than one. */
    long newest() {
        for (long version : versions) {
            if (weights.getOrDefault(version, 0) > 0) {
                return version;
            }
        }
        throw new AssertionError("a split without weight");
    }

    /** Where a unit lies on the line, 0 to 999,999. */
    static int bucket(String salt, String unit) {
        // A separator that neither part can fake: UTF-8 never holds 0xff.
        byte[] left = salt.getBytes(StandardCharsets.UTF_8);
        byte[] right = unit.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[left.length + 1 + right.length];
        System.arraycopy(left, 0, bytes, 0, left.length);
        bytes[left.length] = (byte) 0xff;
        System.arraycopy(right, 0, bytes, left.length + 1, right.length);
        long hash = Hashing.xxh3_64().hashBytesToLong(bytes);
        return (int) Math.multiplyHigh(hash >>> 1, PARTS * 2L);
    }
}
