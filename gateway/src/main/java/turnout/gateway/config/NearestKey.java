package turnout.gateway.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Guesses which known key a misspelt one was meant to be. */
public final class NearestKey {
    private NearestKey() {}

    /** The known key with the fewest edits, if they are few enough to be a slip. */
    public static Optional<String> of(String key, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt((String candidate) -> edits(key, candidate))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(candidate -> edits(key, candidate) <= Math.max(2, key.length() / 3));
    }

    private static int edits(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int swap = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(swap, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[b.length()];
    }
}
