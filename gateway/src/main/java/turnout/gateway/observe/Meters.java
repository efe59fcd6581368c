package turnout.gateway.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RunListener;
import turnout.spi.ModelVersion;

/**
 * The Prometheus series. A client's word never becomes a tag: the model's name is one only after routing found the model.
 */
public final class Meters implements AnswerListener, RunListener {
    private static final Duration[] BUCKETS = {
        Duration.ofNanos(100_000), Duration.ofNanos(250_000), Duration.ofNanos(500_000), Duration.ofMillis(1),
        Duration.ofNanos(2_500_000), Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25),
        Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofMillis(500),
        Duration.ofSeconds(1), Duration.ofMillis(2500), Duration.ofSeconds(5), Duration.ofSeconds(10),
        Duration.ofSeconds(30)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<CallTags, CallMeters> calls = new ConcurrentHashMap<>();
    private final Map<ModelVersion, VersionMeters> versions = new ConcurrentHashMap<>();
    private final List<Supplier<Number>> counts = new CopyOnWriteArrayList<>();
    private final Map<ModelVersion, List<Meter>> waiting = new ConcurrentHashMap<>();

    /** All series as Prometheus text. */
    public String scrape() {
        return registry.scrape();
    }

    /** A value that is read at each scrape. */
    public void gauge(String name, String help, Supplier<Number> value) {
        Gauge.builder(name, value).description(help).strongReference(true).register(registry);
    }

    /** A count that somebody else keeps, read at each scrape. */
    public void counter(String name, String help, Supplier<Number> value) {
        FunctionCounter.builder(name, value, count -> count.get().doubleValue())
                .description(help)
                .register(registry);
        // The registry holds the supplier weakly.
        counts.add(value);
    }

    /**
     * Shows what waits for a version, until it is forgotten.
     *
     * @param rows read at each scrape
     * @param bytes read at each scrape
     */
    public void waiting(ModelVersion version, Supplier<Number> rows, Supplier<Number> bytes) {
        waiting.computeIfAbsent(
                version,
                key -> List.of(
                        gauge("turnout.queue.rows", "Rows that wait for a run", key, rows),
                        gauge("turnout.queue.bytes", "Bytes of inputs that wait for a run", key, bytes)));
    }

    private Meter gauge(String name, String help, ModelVersion version, Supplier<Number> value) {
        return Gauge.builder(name, value)
                .description(help)
                .tags("model", version.model(), "version", Long.toString(version.number()))
                .strongReference(true)
                .register(registry);
    }

    /** Removes the series of a version that is gone. */
    public void forget(ModelVersion version) {
        List<Meter> gauges = waiting.remove(version);
        if (gauges != null) {
            gauges.forEach(registry::remove);
        }
        VersionMeters gone = versions.remove(version);
        if (gone != null) {
            gone.all().forEach(registry::remove);
        }
        calls.entrySet().removeIf(entry -> {
            if (!version.equals(entry.getKey().version)) {
                return false;
            }
            entry.getValue().all().forEach(registry::remove);
            return true;
        });
    }

    @Override
    public void executed(ModelVersion version, Execution execution) {
        VersionMeters meters = of(version);
        meters.batchRows.record((double) execution.rows());
        meters.compute.record(execution.inferNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void left(ModelVersion version, Exit exit) {
        of(version).exit(exit).increment();
    }

    @Override
    public void answered(Dialect dialect, CallRecord record, long nanos) {
        Refusal refusal = record.refusal();
        CallTags tags = new CallTags(
                dialect,
                record.version(),
                record.arm(),
                refusal == null ? "OK" : refusal.kind().name());
        CallMeters meters = calls.computeIfAbsent(tags, this::callMeters);
        meters.requests.increment();
        meters.seconds.record(nanos, TimeUnit.NANOSECONDS);
        ModelVersion version = record.version();
        if (version != null && record.run().batchId() > 0) {
            of(version).queue.record(record.run().queueNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private VersionMeters of(ModelVersion version) {
        return versions.computeIfAbsent(version, this::versionMeters);
    }

    private CallMeters callMeters(CallTags tags) {
        String model = tags.version == null ? "" : tags.version.model();
        String version = tags.version == null ? "" : Long.toString(tags.version.number());
        String arm = tags.arm == null ? "" : tags.arm;
        String[] labels = {
            "dialect", tags.dialect.tag(), "model", model, "version", version, "arm", arm, "code", tags.code
        };
        return new CallMeters(
                Counter.builder("turnout.requests")
                        .description("Inference calls by outcome")
                        .tags(labels)
                        .register(registry),
                Timer.builder("turnout.request")
                        .description("Time from a call's head to its answer")
                        .tags(labels)
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry));
    }

    private VersionMeters versionMeters(ModelVersion version) {
        String[] labels = {"model", version.model(), "version", Long.toString(version.number())};
        return new VersionMeters(
                Timer.builder("turnout.queue")
                        .description("Time of calls in a lane's queue")
                        .tags(labels)
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry),
                Timer.builder("turnout.compute")
                        .description("Time of runs in the session")
                        .tags(labels)
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry),
                DistributionSummary.builder("turnout.batch.rows")
                        .description("Rows per run")
                        .tags(labels)
                        .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
                        .register(registry),
                exitCounters(labels));
    }

    private Map<Exit, Counter> exitCounters(String[] labels) {
        Map<Exit, Counter> exits = new EnumMap<>(Exit.class);
        for (Exit exit : Exit.values()) {
            exits.put(
                    exit,
                    Counter.builder("turnout.queue.exits")
                            .description("Calls that left a lane's queue, by reason")
                            .tags(labels)
                            .tag("reason", exit.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        return exits;
    }

    private record CallTags(
            Dialect dialect,
            @Nullable ModelVersion version,
            @Nullable String arm,
            String code) {}

    private record CallMeters(Counter requests, Timer seconds) {
        List<Meter> all() {
            return List.of(requests, seconds);
        }
    }

    private record VersionMeters(Timer queue, Timer compute, DistributionSummary batchRows, Map<Exit, Counter> exits) {
        Counter exit(Exit exit) {
            return Objects.requireNonNull(exits.get(exit));
        }

        List<Meter> all() {
            List<Meter> all = new ArrayList<>(exits.values());
            all.addAll(List.of(queue, compute, batchRows));
            return all;
        }
    }
}
