package turnout.gateway.edge;

import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What gRPC's health service tells: of the server and its services, and of each model under its name. Asked on event loops.
 *
 * @param ready whether the server is ready
 * @param models the models that are known, and whether each can answer
 */
public record Health(BooleanSupplier ready, Supplier<Map<String, Boolean>> models) {
    boolean isReady() {
        return ready.getAsBoolean();
    }

    Map<String, Boolean> byModel() {
        return models.get();
    }
}
