package turnout.gateway.routing;

import java.util.Map;

/**
 * Everything routing knows, at one instant. A change makes a new one.
 *
 * @param models by name
 */
public record ServingState(Map<String, ModelRoute> models) {
    /** Nothing is served. */
    public static final ServingState EMPTY = new ServingState(Map.of());

    public ServingState {
        models = Map.copyOf(models);
    }
}
