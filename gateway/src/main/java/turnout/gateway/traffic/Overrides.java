package turnout.gateway.traffic;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.gateway.lifecycle.VersionRef;

/**
 * What the admin API said of one model. It holds until the file's same key changes: whoever edits the file means it. Owned by the control
 * thread.
 */
final class Overrides {
    private @Nullable Map<VersionRef, Integer> traffic;
    private Map<VersionRef, Integer> trafficOfFile = Map.of();
    private final Map<String, LabelOverride> labels = new HashMap<>();

    void traffic(Map<VersionRef, Integer> weights, ModelConfig config) {
        traffic = Map.copyOf(weights);
        trafficOfFile = config.traffic();
    }

    void clearTraffic() {
        traffic = null;
    }

    void label(String label, long version, ModelConfig config) {
        labels.put(label, new LabelOverride(version, config.labels().get(label)));
    }

    /** Forgets what the file has overtaken. */
    void refresh(ModelConfig config) {
        if (traffic != null && !trafficOfFile.equals(config.traffic())) {
            traffic = null;
        }
        labels.entrySet()
                .removeIf(entry ->
                        !Objects.equals(entry.getValue().ofFile, config.labels().get(entry.getKey())));
    }

    /** The weights in force. */
    Map<VersionRef, Integer> traffic(ModelConfig config) {
        return traffic == null ? config.traffic() : traffic;
    }

    /** The labels in force. */
    SortedMap<String, Long> labels(ModelConfig config) {
        SortedMap<String, Long> merged = new TreeMap<>(config.labels());
        labels.forEach((label, override) -> merged.put(label, override.version));
        return merged;
    }

    boolean overridesTraffic() {
        return traffic != null;
    }

    Set<String> overriddenLabels() {
        return Set.copyOf(labels.keySet());
    }

    /** @param ofFile what the file said at the time, null if nothing */
    private record LabelOverride(long version, @Nullable Long ofFile) {}
}
