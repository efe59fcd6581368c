package turnout.gateway.lifecycle;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.CachePolicy;
import turnout.gateway.lane.BatchingConfig;
import turnout.spi.Device;
import turnout.spi.Options;

/**
 * What one model's {@code model.yaml} says.
 *
 * @param platform which backend loads it, null to ask them
 * @param versions which versions are served; those named below are loaded too
 * @param policy in which order old versions go and new ones come
 * @param keepLast whether the last available version stays when its directory goes
 * @param labels movable names of versions
 * @param defaultVersion where calls without a version go, null for the highest available one
 * @param traffic relative weights, empty for no split
 * @param load how its versions are loaded and run; a change of it loads them anew
 */
public record ModelConfig(
        @Nullable String platform,
        VersionChoice versions,
        PolicyKind policy,
        boolean keepLast,
        SortedMap<String, Long> labels,
        @Nullable VersionRef defaultVersion,
        Map<VersionRef, Integer> traffic,
        LoadSettings load) {
    /** What a model gets that has no file. */
    public static final ModelConfig DEFAULT = new ModelConfig(
            null,
            VersionChoice.LATEST,
            PolicyKind.AVAILABILITY_PRESERVING,
            true,
            Collections.emptySortedMap(),
            null,
            Map.of(),
            LoadSettings.DEFAULT);

    public ModelConfig {
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        traffic = Map.copyOf(traffic);
        labels.forEach((label, version) -> {
            require(VersionRef.parse(label) instanceof VersionRef.Label, "labels." + label + " must not be a number");
            require(version >= 0, "labels." + label + " must be at least 0, was " + version);
        });
        traffic.forEach(
                (arm, weight) -> require(weight >= 0, "traffic." + arm + " must not be negative, was " + weight));
        require(
                traffic.isEmpty() || traffic.values().stream().anyMatch(weight -> weight > 0),
                "traffic must give some version a weight above 0, was " + traffic);
        for (VersionRef arm : traffic.keySet()) {
            requireKnown(arm, labels, "traffic");
        }
        if (defaultVersion != null) {
            requireKnown(defaultVersion, labels, "default");
        }
    }

    /** The same with what a reload says instead. */
    ModelConfig withServed(
            @Nullable String otherPlatform, @Nullable VersionChoice choice, Map<String, Long> otherLabels) {
        SortedMap<String, Long> replaced = new TreeMap<>(otherLabels.isEmpty() ? labels : otherLabels);
        return new ModelConfig(
                otherPlatform == null ? platform : otherPlatform,
                choice == null ? versions : choice,
                policy,
                keepLast,
                replaced,
                known(defaultVersion, replaced) ? defaultVersion : null,
                traffic.keySet().stream().allMatch(arm -> known(arm, replaced)) ? traffic : Map.of(),
                load);
    }

    /** The same, loaded otherwise. */
    public ModelConfig withLoad(LoadSettings other) {
        return new ModelConfig(platform, versions, policy, keepLast, labels, defaultVersion, traffic, other);
    }

    /** The same with other sections for the backends. */
    public ModelConfig withSections(Map<String, Section> sections) {
        LoadSettings other = new LoadSettings(
                load.batching(),
                load.instances(),
                load.maxInFlight(),
                load.devices(),
                load.deadline(),
                load.cache(),
                load.warmup(),
                load.warmupIterations(),
                load.maxOutputBytes(),
                load.trust(),
                sections);
        return withLoad(other);
    }

    private static boolean known(@Nullable VersionRef ref, SortedMap<String, Long> labels) {
        return !(ref instanceof VersionRef.Label label) || labels.containsKey(label.label());
    }

    private static void requireKnown(VersionRef ref, SortedMap<String, Long> labels, String key) {
        require(
                known(ref, labels),
                key + " names the label " + ref + ", which is not among labels "
                        + labels.keySet().stream().sorted().toList());
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Whether versions are warmed before they take calls. */
    public enum Warm {
        /** With the requests recorded beside it, if there are any, and as {@link #SYNTHETIC}. */
        AUTO,
        /** With requests made from the signatures; also proves that calls may be joined. */
        SYNTHETIC,
        /** With the requests recorded beside it only: nothing is proved. */
        FILE,
        /** Not at all: nothing is proved, so nothing is joined unless the operator vouches for it. */
        OFF;

        /** Whether requests are made from the signatures. */
        boolean makesUp() {
            return this == AUTO || this == SYNTHETIC;
        }

        /** Whether recorded requests are run. */
        boolean replays() {
            return this == AUTO || this == FILE;
        }
    }

    /**
     * How a model's versions are loaded and run.
     *
     * @param batching how calls are joined
     * @param instances most runs at a time, null to find out by measuring
     * @param maxInFlight most calls at a time of a non-blocking backend
     * @param devices where it may run
     * @param deadline of calls that name none
     * @param cache leave to keep results, null for none
     * @param warmup whether versions are warmed, and with what
     * @param warmupIterations how often each recorded request is run
     * @param maxOutputBytes most bytes that one call's outputs may take
     * @param trust operations allowed by name beyond the safe list
     * @param sections one per backend, by platform
     */
    public record LoadSettings(
            BatchingConfig batching,
            @Nullable Integer instances,
            int maxInFlight,
            List<Device> devices,
            Duration deadline,
            @Nullable CachePolicy cache,
            Warm warmup,
            int warmupIterations,
            long maxOutputBytes,
            List<String> trust,
            Map<String, Section> sections) {
        /** What a model gets that has no file. */
        public static final LoadSettings DEFAULT = new LoadSettings(
                BatchingConfig.DEFAULT,
                null,
                64,
                List.of(Device.CPU),
                Duration.ofSeconds(30),
                null,
                Warm.AUTO,
                1,
                256L << 20,
                List.of(),
                Map.of());

        public LoadSettings {
            devices = List.copyOf(devices);
            trust = List.copyOf(trust);
            sections = Map.copyOf(sections);
            check(
                    instances == null || (instances >= 1 && instances <= 1024),
                    "instances must be between 1 and 1024, was " + instances);
            check(maxInFlight >= 1, "max-in-flight must be at least 1, was " + maxInFlight);
            // One lane runs on one device; a list leaves room for more without changing files.
            check(devices.size() == 1, "devices must name exactly one device, was " + devices);
            check(!deadline.isNegative() && !deadline.isZero(), "deadline must be above 0, was " + deadline);
            check(
                    warmupIterations >= 1 && warmupIterations <= 1000,
                    "warmup-iterations must be between 1 and 1000, was " + warmupIterations);
            check(maxOutputBytes >= 1, "max-output-bytes must be at least 1, was " + maxOutputBytes);
            check(
                    cache == null || cache.maxBytes() >= 1,
                    "cache.max-bytes must be at least 1, was " + (cache == null ? 0 : cache.maxBytes()));
            check(
                    cache == null || !(cache.ttl().isNegative() || cache.ttl().isZero()),
                    "cache.ttl must be above 0, was " + (cache == null ? "" : cache.ttl()));
        }

        /** Not the outer class's: initialising that needs {@link #DEFAULT}, which needs this. */
        private static void check(boolean holds, String message) {
            if (!holds) {
                throw new IllegalArgumentException(message);
            }
        }

        /** Where versions are placed. */
        public Device device() {
            return devices.get(0);
        }

        /** A backend's options; {@code trust} rides along, since only the backend knows its operations. */
        Options options(String platform, Function<Options, Boolean> accepts) {
            Section section = sections.getOrDefault(platform, new Section(platform, Map.of()));
            if (trust.isEmpty()) {
                return section.options();
            }
            Options trusting = section.with("trust", trust).options();
            return accepts.apply(trusting) ? trusting : section.options();
        }
    }

    /**
     * A backend's own section as plain values, so that two readings can be compared.
     *
     * @param name as it is written in the file
     * @param values maps, lists, strings, numbers and booleans by key
     */
    public record Section(String name, Map<String, Object> values) {
        public Section {
            values = Map.copyOf(values);
        }

        /** As backends read it. */
        public Options options() {
            return new Options(name, values);
        }

        private Section with(String key, Object value) {
            Map<String, Object> more = new TreeMap<>(values);
            more.put(key, value);
            return new Section(name, more);
        }
    }
}
