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
 * <p>Each choice is a line of a million buckets, the newer version at the low end: widening a canary moves units only towards it, narrowing
 * moves the last-joined back to where they came from.
 */
public final class Split {
    /** Parts that the line is divided in. */
    static final int PARTS = 1_000_000;

    private final SortedMap<Long, Integer> weights;

    // Newest first; a unit goes to the first version whose share of what is left takes it.
    private final long[] versions;
    private final int[] bounds;
    private final String[] salts;

    /**
     * @param salt makes splits of different models independent
     * @param weights relative weights by version, none negative, at least one positive
     */
    public Split(String salt, Map<Long, Integer> weights) {
        this.weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
        long left = weights.values().stream().mapToLong(Integer::longValue).sum();
        if (left <= 0 || weights.values().stream().anyMatch(weight -> weight < 0)) {
            throw new IllegalArgumentException("weights must not be negative and not all zero, were " + this.weights);
        }
        List<Long> newestFirst = new ArrayList<>(this.weights.keySet());
        newestFirst.removeIf(version -> weights.getOrDefault(version, 0) == 0);
        Collections.reverse(newestFirst);
        versions = newestFirst.stream().mapToLong(Long::longValue).toArray();
        bounds = new int[versions.length];
        salts = new String[versions.length];
        for (int i = 0; i < versions.length; i++) {
            int weight = weights.getOrDefault(versions[i], 0);
            bounds[i] = (int) ((long) weight * PARTS / left);
            left -= weight;
            // The newest lies on the line of the salt itself. Among three or more, each further choice has a line of its own:
            // on a common one, widening the newest would shift the bound between the others.
            salts[i] = i == 0 ? salt : salt + "/" + versions[i];
        }
    }

    /** The version that a unit is dealt to; never one of weight 0. */
    public long pick(String unit) {
        int last = versions.length - 1;
        for (int i = 0; i < last; i++) {
            if (bucket(salts[i], unit) < bounds[i]) {
                return versions[i];
            }
        }
        return versions[last];
    }

    /** Whether a version is the one on trial: the newest of several with weight. */
    boolean isTreatment(long version) {
        return versions.length > 1 && version == versions[0];
    }

    /** Weights by version, as given. */
    public SortedMap<Long, Integer> weights() {
        return weights;
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
