package turnout.gateway.traffic;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.lifecycle.ControlException;
import turnout.gateway.lifecycle.ControlException.Reason;
import turnout.gateway.lifecycle.ControlThread;
import turnout.gateway.lifecycle.ModelManager;
import turnout.gateway.lifecycle.Routing;
import turnout.gateway.lifecycle.VersionRef;
import turnout.gateway.routing.ModelRoute;
import turnout.gateway.routing.ServingState;
import turnout.gateway.routing.ServingTable;

/** The one writer of the routing snapshot. Its public methods may be called on any thread; the rest is owned by the control thread. */
public final class TrafficControl implements Routing {
    private static final Logger log = LoggerFactory.getLogger(TrafficControl.class);
    private static final int MOST_ARMS = 64;

    private final ServingTable table;
    private final ControlThread control;
    private final ModelManager manager;

    // Owned by the control thread.
    private final Map<String, ModelTraffic> models = new HashMap<>();
    private final Map<String, ModelRoute> routes = new HashMap<>();

    /** @param manager asked to load what is newly wanted; started with this object */
    public TrafficControl(ServingTable table, ControlThread control, ModelManager manager) {
        this.table = table;
        this.control = control;
        this.manager = manager;
    }

    /**
     * Splits a model's calls by these weights instead of the file's, until the file's {@code traffic} changes.
     *
     * @param weights by version number or label
     * @return failed with {@link ControlException} where that makes no sense
     */
    public Future<Void> setTraffic(String model, Map<String, Integer> weights) {
        return change(model, traffic -> {
            if (weights.isEmpty() || weights.size() > MOST_ARMS) {
                throw invalid("weights must name 1 to " + MOST_ARMS + " versions or labels, were " + weights.size());
            }
            Map<VersionRef, Integer> parsed = new LinkedHashMap<>();
            weights.forEach((arm, weight) -> {
                if (weight < 0 || weight > 1_000_000) {
                    throw invalid("the weight of " + arm + " must be between 0 and 1000000, was " + weight);
                }
                parsed.put(requireKnown(model, traffic, VersionRef.parse(arm)), weight);
            });
            if (parsed.values().stream().noneMatch(weight -> weight > 0)) {
                throw invalid("some weight must be above 0");
            }
            traffic.overrides().traffic(parsed, traffic.config());
            log.info("traffic of {} is overridden: {}", model, parsed);
        });
    }

    /** Goes back to what the file says. */
    public Future<Void> clearTraffic(String model) {
        return change(model, traffic -> {
            traffic.overrides().clearTraffic();
            log.info("traffic of {} follows its file again", model);
        });
    }

    /**
     * Points a label at a version, until the file's same label changes.
     *
     * @param expectedOld where it must point now (empty: nowhere), so that two operators do not undo each other unseen
     */
    public Future<Void> setLabel(String model, String label, long version, OptionalLong expectedOld) {
        return change(model, traffic -> {
            if (!(VersionRef.parse(label) instanceof VersionRef.Label) || label.isBlank() || label.length() > 128) {
                throw invalid("a label must be a word that is no number, was \"" + label + "\"");
            }
            Long old = traffic.labels().get(label);
            OptionalLong now = old == null ? OptionalLong.empty() : OptionalLong.of(old);
            if (!now.equals(expectedOld)) {
                throw new ControlException(
                        Reason.PRECONDITION,
                        "label " + label + " points " + (old == null ? "nowhere" : "at version " + old)
                                + " now; it was expected to point "
                                + (expectedOld.isEmpty() ? "nowhere" : "at version " + expectedOld.getAsLong()));
            }
            requireKnown(model, traffic, new VersionRef.Exact(version));
            traffic.overrides().label(label, version, traffic.config());
            log.info("label {} of {} is overridden: version {}", label, model, version);
        });
    }

    @Override
    public Set<Long> wanted(String model) {
        ModelTraffic traffic = models.get(model);
        return traffic == null ? Set.of() : traffic.wanted();
    }

    @Override
    public InForce route(RoutedModel model) {
        ModelTraffic.Decision decision = models.computeIfAbsent(model.name(), created -> new ModelTraffic())
                .decide(model);
        routes.put(model.name(), decision.route());
        table.publish(new ServingState(routes));
        return decision.inForce();
    }

    @Override
    public void drop(String model) {
        models.remove(model);
        if (routes.remove(model) != null) {
            table.publish(new ServingState(routes));
        }
    }

    private Future<Void> change(String model, Consumer<ModelTraffic> change) {
        return control.ask(() -> {
            ModelTraffic traffic = models.get(model);
            if (traffic == null) {
                throw new ControlException(Reason.NOT_FOUND, "there is no model '" + model + "'");
            }
            change.accept(traffic);
            return manager.refresh(model);
        });
    }

    /** A version must be in the repository (or loaded), a label must exist: a slip of the pen must not send calls nowhere. */
    private VersionRef requireKnown(String model, ModelTraffic traffic, VersionRef ref) {
        boolean known = ref instanceof VersionRef.Exact exact
                ? manager.knows(model, exact.number())
                : traffic.labels().containsKey(ref.toString());
        if (!known) {
            throw invalid(
                    "model '" + model + "' has no " + (ref instanceof VersionRef.Exact ? "version " : "label ") + ref);
        }
        return ref;
    }

    private static ControlException invalid(String message) {
        return new ControlException(Reason.INVALID, message);
    }
}
