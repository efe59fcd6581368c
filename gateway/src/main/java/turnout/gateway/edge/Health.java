package turnout.gateway.edge;

import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What gRPC's health service tells: of the server and its services, and of each model under its name. Asked on event loops.
 *
 * @param ready whether the server is ready
 * @param models the names of the models that are known
 * @param modelReady whether the model of a name can answer
 */
public record Health(BooleanSupplier ready, Supplier<Set<String>> models, Predicate<String> modelReady) {
    boolean isReady() {
        return ready.getAsBoolean();
    }

    boolean isReady(String model) {
        return modelReady.test(model);
    }
}
