package turnout.gateway.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import turnout.gateway.edge.EdgeConfig;
import turnout.gateway.edge.EdgeConfig.Address;
import turnout.gateway.lifecycle.LifecycleConfig;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.spi.Device;

/**
 * What {@code turnout.yaml} and the command line say, with every automatic value worked out and every path absolute.
 *
 * @param edge the data port
 * @param admin the admin port, empty for none
 * @param models where the models are
 * @param plugins where backends come from
 * @param stateDir reserved for what will outlive a restart; nothing is kept yet
 * @param repositoryControl whether clients of the data port may load, unload and reload models
 * @param lifecycle how versions are looked for and loaded
 * @param deviceThreads runs at a time by device; a device named here must exist
 * @param inFlightBytes bytes of requests that may be under way
 * @param drain how the server ends
 * @param metricsPaths where figures are shown on the data port
 * @param metricsCompat other servers whose metric names are kept, so far only {@link #TENSORFLOW_SERVING}
 * @param shared options of each backend for all models; a model's own section goes before
 * @param modelDefaults what holds where a {@code model.yaml} says nothing
 */
public record TurnoutConfig(
        EdgeConfig edge,
        Optional<Address> admin,
        ModelOrigin models,
        Path plugins,
        Path stateDir,
        boolean repositoryControl,
        LifecycleConfig lifecycle,
        Map<Device, Integer> deviceThreads,
        long inFlightBytes,
        Drain drain,
        List<String> metricsPaths,
        List<String> metricsCompat,
        SharedOptions shared,
        ModelConfig.LoadSettings modelDefaults) {
    /** Where figures are shown unless something else is said. */
    public static final List<String> METRICS_PATHS = List.of("/metrics");

    /** The server whose metric names can be kept. */
    public static final String TENSORFLOW_SERVING = "tensorflow-serving";

    /**
     * How the server ends.
     *
     * @param grace how long it goes on accepting after it said that it is not ready
     * @param timeout how long requests under way may take to end
     */
    public record Drain(Duration grace, Duration timeout) {}

    public TurnoutConfig {
        deviceThreads = Map.copyOf(deviceThreads);
        metricsPaths = List.copyOf(metricsPaths);
        metricsCompat = List.copyOf(metricsCompat);
        Set<Address> seen = new HashSet<>();
        for (Address address : edge.listen()) {
            // A second server on the same address would join the first silently.
            require(address.port() == 0 || seen.add(address), "listen names " + address + " twice");
        }
        require(
                admin.isEmpty() || admin.get().port() == 0 || seen.add(admin.get()),
                "admin must not share an address with listen, was "
                        + admin.map(Address::toString).orElse(""));
        require(
                admin.isEmpty() || admin.get().isLoopback(),
                "admin must be a loopback address or off, since it asks nobody for a password; was "
                        + admin.map(Address::toString).orElse(""));
        require(inFlightBytes >= 1, "limits.in-flight-bytes must be at least 1, was " + inFlightBytes);
    }

    /** Options of each backend for all models, by platform. */
    public Map<String, ModelConfig.Section> backends() {
        return shared.sections();
    }

    /** Whether only this machine can reach the data port. */
    static boolean isPrivate(EdgeConfig edge) {
        return edge.listen().stream().allMatch(Address::isLoopback);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
