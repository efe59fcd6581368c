package turnout.gateway.lifecycle;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import turnout.gateway.lane.Lane;

/** Decides where calls go. Called on the control thread only, and always before a version that goes is drained. */
public interface Routing {
    /** Versions of a model that it needs beyond those that the model's configuration names. */
    Set<Long> wanted(String model);

    /** Puts a model's lanes in force, before it returns, and says what that means. */
    InForce route(RoutedModel model);

    /** Routes nothing to that model any more. */
    void drop(String model);

    /**
     * What can be routed to.
     *
     * @param name the model
     * @param config its configuration, with what a reload said
     * @param lanes available versions
     * @param unavailable other known versions, with why they cannot answer
     */
    record RoutedModel(
            String name, ModelConfig config, SortedMap<Long, Lane> lanes, SortedMap<Long, String> unavailable) {
        public RoutedModel {
            lanes = Collections.unmodifiableSortedMap(new TreeMap<>(lanes));
            unavailable = Collections.unmodifiableSortedMap(new TreeMap<>(unavailable));
        }
    }

    /**
     * What is in force, for others to see.
     *
     * @param labels by name
     * @param defaultVersion where a call without a version goes when there is no split
     * @param weights the split by version, empty when there is none
     * @param conditions sentences an operator should know
     */
    record InForce(
            Map<String, Long> labels,
            OptionalLong defaultVersion,
            Map<Long, Integer> weights,
            List<String> conditions) {
        public InForce {
            labels = Map.copyOf(labels);
            weights = Map.copyOf(weights);
            conditions = List.copyOf(conditions);
        }
    }
}
