package turnout.gateway.edge.openinference;

import io.vertx.core.Future;
import java.util.Set;
import turnout.gateway.lifecycle.ControlException;
import turnout.gateway.lifecycle.ModelControl;

/** Loading and unloading for clients of the data port, where that is allowed. */
final class RepositoryControl {
    static final String FORBIDDEN = "loading and unloading models is not allowed on this listener";

    private final ModelControl control;
    private final boolean allowed;

    RepositoryControl(ModelControl control, boolean allowed) {
        this.control = control;
        this.allowed = allowed;
    }

    boolean isAllowed() {
        return allowed;
    }

    /**
     * Loads a model.
     *
     * @param parameters names of the parameters that came with the request
     */
    Future<Void> load(String model, Set<String> parameters) {
        for (String parameter : parameters) {
            if (parameter.equals("config") || parameter.startsWith("file:")) {
                throw Asked.unsupported("loading with a configuration or files in the request is not served: '"
                        + Asked.shown(parameter) + "'");
            }
        }
        return named(control.load(model), "load", model);
    }

    Future<Void> unload(String model) {
        return named(control.unload(model), "unload", model);
    }

    /** The reason may not name the model, and clients look for it. */
    private static Future<Void> named(Future<Void> done, String verb, String model) {
        return done.recover(failure -> Future.failedFuture(
                failure instanceof ControlException e
                        ? new ControlException(
                                e.reason(), "failed to " + verb + " '" + Asked.shown(model) + "', " + e.getMessage())
                        : failure));
    }
}
