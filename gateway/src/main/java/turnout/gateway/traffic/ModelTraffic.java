package turnout.gateway.traffic;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.gateway.lifecycle.Routing;
import turnout.gateway.lifecycle.VersionRef;
import turnout.gateway.routing.ModelRoute;
import turnout.gateway.routing.Split;

/** One model's route: what is said of it, and what that comes to with the lanes there are. Owned by the control thread. */
final class ModelTraffic {
    private final Overrides overrides = new Overrides();
    private ModelConfig config = ModelConfig.DEFAULT;
    private SortedMap<String, Long> labels = new TreeMap<>();

    Overrides overrides() {
        return overrides;
    }

    ModelConfig config() {
        return config;
    }

    /** Labels as they are in force. */
    SortedMap<String, Long> labels() {
        return labels;
    }

    /** Versions that are needed besides those that the file names. */
    Set<Long> wanted() {
        Set<Long> wanted = new HashSet<>(overrides.labels(config).values());
        // Where a label has not moved yet because its new version is still loading.
        wanted.addAll(labels.values());
        for (VersionRef ref : overrides.traffic(config).keySet()) {
            if (ref instanceof VersionRef.Exact exact) {
                wanted.add(exact.number());
            }
        }
        return wanted;
    }

    /** Works out the route for these lanes. */
    Decision decide(Routing.RoutedModel model) {
        config = model.config();
        overrides.refresh(config);
        List<String> conditions = new ArrayList<>();
        Set<Long> available = model.lanes().keySet();
        labels = moveLabels(available, conditions);
        SortedMap<Long, Integer> weights = new TreeMap<>();
        boolean splits = weigh(available, weights, conditions);
        Split split = weights.isEmpty() ? null : new Split(model.name(), weights);
        OptionalLong defaultVersion = splits
                ? weights.isEmpty() ? OptionalLong.empty() : heaviest(weights)
                : defaultVersion(model, conditions);
        if (overrides.overridesTraffic()) {
            conditions.add("traffic is overridden by the admin API");
        }
        overrides.overriddenLabels().stream()
                .sorted()
                .forEach(label -> conditions.add("label " + label + " is overridden by the admin API"));
        ModelRoute route =
                new ModelRoute(model.name(), model.lanes(), model.unavailable(), labels, defaultVersion, split);
        return new Decision(route, new Routing.InForce(labels, defaultVersion, weights, conditions));
    }

    /** A label follows its version once that takes calls; until then it stays where it was. */
    private SortedMap<String, Long> moveLabels(Set<Long> available, List<String> conditions) {
        SortedMap<String, Long> moved = new TreeMap<>();
        overrides.labels(config).forEach((label, target) -> {
            Long before = labels.get(label);
            if (available.contains(target)) {
                moved.put(label, target);
            } else if (before != null && available.contains(before)) {
                moved.put(label, before);
                conditions.add("label " + label + " stays on version " + before + " until version " + target
                        + " is available");
            } else {
                moved.put(label, target);
                conditions.add("label " + label + " points at version " + target + ", which is not available");
            }
        });
        return moved;
    }

    /** Fills in the weights of available versions; says whether there is a split at all. */
    private boolean weigh(Set<Long> available, SortedMap<Long, Integer> weights, List<String> conditions) {
        Map<VersionRef, Integer> traffic = overrides.traffic(config);
        for (Map.Entry<VersionRef, Integer> arm : traffic.entrySet()) {
            Long version = resolve(arm.getKey());
            if (version != null && available.contains(version)) {
                weights.merge(version, arm.getValue(), Integer::sum);
            } else {
                conditions.add(
                        "traffic names " + arm.getKey() + ", which is not available: its weight goes to the rest");
            }
        }
        if (weights.values().stream().noneMatch(weight -> weight > 0)) {
            // A weight of 0 means no call at all, also when nothing else is left.
            weights.clear();
        }
        conditions.sort(null);
        return !traffic.isEmpty();
    }

    private OptionalLong defaultVersion(Routing.RoutedModel model, List<String> conditions) {
        VersionRef named = config.defaultVersion();
        if (named != null) {
            Long version = resolve(named);
            if (version != null && model.lanes().containsKey(version)) {
                return OptionalLong.of(version);
            }
            conditions.add("the default " + named + " is not available: calls go to the highest available version");
        }
        return model.lanes().isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(model.lanes().lastKey());
    }

    private @Nullable Long resolve(VersionRef ref) {
        return ref instanceof VersionRef.Exact exact ? (Long) exact.number() : labels.get(ref.toString());
    }

    /** Describes a split model to callers who name no version: the version that most calls get. */
    private static OptionalLong heaviest(SortedMap<Long, Integer> weights) {
        long best = weights.firstKey();
        for (Map.Entry<Long, Integer> arm : weights.entrySet()) {
            if (arm.getValue() > weights.getOrDefault(best, 0)) {
                best = arm.getKey();
            }
        }
        return OptionalLong.of(best);
    }

    /** The route, and what others may see of it. */
    record Decision(ModelRoute route, Routing.InForce inForce) {}
}
