package turnout.gateway.routing;

import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import turnout.gateway.lane.Lane;

/**
 * How calls for one model are routed.
 *
 * @param model its name
 * @param lanes available versions
 * @param unavailable other versions that are known, with why they cannot answer ("loading", "failed to load")
 * @param labels by name; may point at versions without a lane
 * @param defaultVersion where a call goes that names no version while there is no split; empty when nothing is available
 * @param split weights over available versions, null when there are none
 */
public record ModelRoute(
        String model,
        SortedMap<Long, Lane> lanes,
        SortedMap<Long, String> unavailable,
        Map<String, Long> labels,
        OptionalLong defaultVersion,
        @Nullable Split split) {
    public ModelRoute {
        lanes = Collections.unmodifiableSortedMap(new TreeMap<>(lanes));
        unavailable = Collections.unmodifiableSortedMap(new TreeMap<>(unavailable));
        labels = Map.copyOf(labels);
    }
}
