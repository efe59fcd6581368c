package turnout.gateway.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import turnout.gateway.config.ModelOrigin;
import turnout.gateway.config.TurnoutConfig;
import turnout.gateway.edge.EdgeConfig;

/** The configuration in force, for the admin API. Backend sections are named and not shown: they are where secrets would stand. */
final class ConfigView {
    private ConfigView() {}

    static Map<String, Object> of(TurnoutConfig config) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("listen", config.edge().listen().stream().map(Object::toString).toList());
        view.put("admin", config.admin().map(Object::toString).orElse("off"));
        view.put("models", models(config.models()));
        view.put("plugins", config.plugins().toString());
        view.put("state-dir", config.stateDir().toString());
        view.put("repository-control", config.repositoryControl());
        view.put(
                "limits",
                Map.of(
                        "body", config.edge().bodyBytes(),
                        "inflated-body", config.edge().inflatedBytes(),
                        "incoming-bytes", config.edge().incomingBytes(),
                        "connections", config.edge().connections(),
                        "in-flight-bytes", config.inFlightBytes()));
        view.put("tls", config.edge().tls().isPresent() ? "on" : "off");
        view.put("cors", config.edge().cors() == EdgeConfig.Cors.ON ? "on" : "off");
        view.put("event-loops", config.edge().eventLoops());
        Map<String, Object> devices = new TreeMap<>();
        config.deviceThreads().forEach((device, threads) -> devices.put(device.toString(), threads));
        view.put("device-threads", devices);
        view.put("load-threads", config.lifecycle().loadThreads());
        view.put("memory-budget", config.lifecycle().memoryBudget());
        Map<String, Object> memory = new TreeMap<>();
        config.lifecycle().deviceMemory().forEach((device, bytes) -> memory.put(device.toString(), bytes));
        view.put("device-memory", memory);
        view.put("poll-interval-millis", config.lifecycle().pollInterval().toMillis());
        view.put(
                "drain",
                Map.of(
                        "grace-millis", config.drain().grace().toMillis(),
                        "timeout-millis", config.drain().timeout().toMillis()));
        view.put("metrics-compat", config.metricsCompat());
        view.put("backends", List.copyOf(config.backends().keySet()));
        return view;
    }

    private static Object models(ModelOrigin origin) {
        return origin instanceof ModelOrigin.Listed listed
                ? listed.models().stream()
                        .map(model -> Map.of(
                                "name",
                                model.name(),
                                "base-path",
                                model.basePath().toString()))
                        .toList()
                : origin.toString();
    }
}
