package turnout.gateway.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.CachePolicy;
import turnout.gateway.lane.BatchingConfig;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.gateway.lifecycle.ModelConfigReader;
import turnout.gateway.lifecycle.PolicyKind;
import turnout.gateway.lifecycle.VersionChoice;
import turnout.gateway.lifecycle.VersionRef;
import turnout.spi.Device;
import turnout.spi.OptionException;
import turnout.spi.Options;

/** Reads {@code model.yaml}: each key once, with its default beside it. */
public final class ModelFile implements ModelConfigReader {
    private final Environment environment;
    private final Map<String, Consumer<Options>> backends;
    private final Map<String, ModelConfig.Section> shared;
    private final ModelConfig.LoadSettings absent;

    /**
     * @param environment where {@code ${NAME}} in values is looked up
     * @param backends by platform: who checks a backend's section, by throwing {@link OptionException}
     * @param shared options of {@code turnout.yaml} by platform, which a model's own section goes before
     */
    public ModelFile(
            Environment environment, Map<String, Consumer<Options>> backends, Map<String, ModelConfig.Section> shared) {
        this(environment, backends, shared, ModelConfig.LoadSettings.DEFAULT);
    }

    /**
     * As the other, with other defaults.
     *
     * @param absent what holds where a file says nothing, of sections none
     */
    public ModelFile(
            Environment environment,
            Map<String, Consumer<Options>> backends,
            Map<String, ModelConfig.Section> shared,
            ModelConfig.LoadSettings absent) {
        this.absent = absent;
        this.environment = environment;
        this.backends = Map.copyOf(backends);
        this.shared = Map.copyOf(shared);
    }

    @Override
    public Reading read(String model, Optional<Path> file) {
        if (file.isEmpty()) {
            return new Reading.Good(withShared(ModelConfig.DEFAULT.withLoad(absent)));
        }
        try {
            return new Reading.Good(withShared(parse(file.get(), model + "/model.yaml")));
        } catch (ConfigException e) {
            return new Reading.Bad(e.getMessage() == null ? "" : e.getMessage());
        }
    }

    /**
     * Reads one file.
     *
     * @param shownAs its name in messages
     */
    ModelConfig parse(Path file, String shownAs) {
        YamlSection top = YamlFile.read(file, shownAs, environment);
        @Nullable String platform = top.take("platform").map(this::platform).orElse(null);
        VersionChoice versions =
                top.take("versions").map(value -> versions(value, top)).orElse(VersionChoice.LATEST);
        PolicyKind policy =
                top.take("policy").map(v -> v.oneOf(PolicyKind.class)).orElse(PolicyKind.AVAILABILITY_PRESERVING);
        boolean keepLast = top.take("keep-last").map(YamlValue::flag).orElse(true);
        SortedMap<String, Long> labels = new TreeMap<>();
        top.section("labels").all().forEach((label, value) -> labels.put(label, value.version()));
        @Nullable
        VersionRef defaultVersion =
                top.take("default").map(YamlValue::text).map(VersionRef::parse).orElse(null);
        Map<VersionRef, Integer> traffic = new LinkedHashMap<>();
        top.section("traffic")
                .all()
                .forEach((arm, value) -> traffic.put(VersionRef.parse(arm), value.integer(0, 1_000_000)));
        ModelConfig.LoadSettings load = load(top);
        top.finish();
        return top.build(
                () -> new ModelConfig(platform, versions, policy, keepLast, labels, defaultVersion, traffic, load));
    }

    private String platform(YamlValue value) {
        String platform = Platforms.named(value.text());
        if (!backends.containsKey(platform)) {
            throw value.wrong("expected a backend's platform ("
                    + String.join(", ", backends.keySet().stream().sorted().toList()) + "), got \"" + value.text()
                    + "\"");
        }
        return platform;
    }

    private static VersionChoice versions(YamlValue value, YamlSection top) {
        if (!value.isSection()) {
            return value.parsed(
                    "all, {latest: n} or {specific: [n, ...]}",
                    text -> text.equals("all") ? Optional.of(new VersionChoice.All()) : Optional.empty());
        }
        YamlSection section = value.section();
        Optional<YamlValue> latest = section.take("latest");
        Optional<YamlValue> specific = section.take("specific");
        section.finish();
        if (latest.isPresent() == specific.isPresent()) {
            throw value.wrong("expected all, {latest: n} or {specific: [n, ...]}");
        }
        if (latest.isPresent()) {
            int count = latest.get().integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
            return top.build(() -> new VersionChoice.Latest(count));
        }
        TreeSet<Long> numbers = new TreeSet<>();
        specific.orElseThrow().items().forEach(item -> numbers.add(item.version()));
        if (numbers.isEmpty()) {
            throw specific.get().wrong("must name at least one version");
        }
        return new VersionChoice.Specific(numbers);
    }

    private ModelConfig.LoadSettings load(YamlSection top) {
        BatchingConfig batching = batching(top, absent.batching());
        @Nullable
        Integer instances = top.take("instances")
                .map(ModelFile::instances)
                .orElse(Optional.empty())
                .orElse(null);
        int maxInFlight =
                top.take("max-in-flight").map(v -> v.integer(1, 1_000_000)).orElse(absent.maxInFlight());
        List<Device> devices = top.take("devices").map(ModelFile::devices).orElse(absent.devices());
        Duration deadline = top.take("deadline").map(YamlValue::duration).orElse(absent.deadline());
        @Nullable
        CachePolicy cache = top.take("cache").map(v -> cache(v.section())).orElse(null);
        ModelConfig.Warm warmup =
                top.take("warmup").map(v -> v.oneOf(ModelConfig.Warm.class)).orElse(absent.warmup());
        int warmupIterations =
                top.take("warmup-iterations").map(ModelFile::count).orElse(absent.warmupIterations());
        long maxOutputBytes = top.take("max-output-bytes").map(YamlValue::bytes).orElse(absent.maxOutputBytes());
        List<String> trust = top.take("trust")
                .map(list -> list.items().stream().map(YamlValue::text).toList())
                .orElse(List.of());
        Map<String, ModelConfig.Section> sections = sections(top);
        return top.build(() -> new ModelConfig.LoadSettings(
                batching,
                instances,
                maxInFlight,
                devices,
                deadline,
                cache,
                warmup,
                warmupIterations,
                maxOutputBytes,
                trust,
                sections));
    }

    private static BatchingConfig batching(YamlSection top, BatchingConfig absent) {
        YamlSection section = top.section("batching");
        int maxBatchRows = section.take("max-batch-rows").map(ModelFile::count).orElse(absent.maxBatchRows());
        Duration maxDelay = section.take("max-delay").map(YamlValue::duration).orElse(absent.maxDelay());
        int maxQueuedRows =
                section.take("max-queued-rows").map(ModelFile::count).orElse(absent.maxQueuedRows());
        long maxQueuedBytes =
                section.take("max-queued-bytes").map(YamlValue::bytes).orElse(absent.maxQueuedBytes());
        List<Integer> allowed = section.take("allowed-batch-rows")
                .map(list -> list.items().stream().map(ModelFile::count).toList())
                // Sizes that are said elsewhere go with the size that is said there.
                .orElse(maxBatchRows == absent.maxBatchRows() ? absent.allowedBatchRows() : List.of());
        int splitRows = section.take("split-rows").map(ModelFile::count).orElse(absent.splitRows());
        Duration objective =
                section.take("latency-objective").map(YamlValue::duration).orElse(absent.latencyObjective());
        BatchingConfig.Join join = section.take("join")
                .map(v -> v.oneOf(BatchingConfig.Join.class))
                .orElse(absent.join());
        section.finish();
        return top.build(() -> new BatchingConfig(
                maxBatchRows, maxDelay, maxQueuedRows, maxQueuedBytes, allowed, splitRows, objective, join));
    }

    private static int count(YamlValue value) {
        return value.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    private static Optional<Integer> instances(YamlValue value) {
        return value.text().equals("auto")
                ? Optional.empty()
                : Optional.of(value.parsed(
                        "auto or a number of runs at a time",
                        text -> text.matches("[0-9]{1,6}") ? Optional.of(Integer.parseInt(text)) : Optional.empty()));
    }

    private static List<Device> devices(YamlValue value) {
        return value.items().stream()
                .map(item -> item.parsed("a device like cpu or gpu:0", Device::parse))
                .toList();
    }

    private static CachePolicy cache(YamlSection section) {
        long maxBytes = section.take("max-bytes").map(YamlValue::bytes).orElse(64L << 20);
        Duration ttl = section.take("ttl").map(YamlValue::duration).orElse(Duration.ofMinutes(10));
        section.finish();
        return new CachePolicy(maxBytes, ttl);
    }

    private Map<String, ModelConfig.Section> sections(YamlSection top) {
        Map<String, ModelConfig.Section> sections = new LinkedHashMap<>();
        backends.forEach((platform, check) -> {
            Platforms.namesOf(platform).forEach(name -> top.take(name).ifPresent(value -> {
                ModelConfig.Section section = new ModelConfig.Section(name, value.plainSection());
                if (sections.put(platform, section) != null) {
                    throw value.wrong("the backend " + platform + " has a section already");
                }
                try {
                    check.accept(section.options());
                } catch (OptionException e) {
                    throw value.refused(e.key(), problem(e));
                }
            }));
        });
        return sections;
    }

    private ModelConfig withShared(ModelConfig config) {
        if (shared.isEmpty()) {
            return config;
        }
        Map<String, ModelConfig.Section> merged = new LinkedHashMap<>(shared);
        config.load().sections().forEach((platform, section) -> {
            Map<String, Object> values = new LinkedHashMap<>();
            ModelConfig.Section below = shared.get(platform);
            if (below != null) {
                values.putAll(below.values());
            }
            values.putAll(section.values());
            merged.put(platform, new ModelConfig.Section(section.name(), values));
        });
        return config.withSections(merged);
    }

    /** What a backend says of a key, without the key. */
    static String problem(OptionException e) {
        String message = e.getMessage() == null ? "" : e.getMessage();
        String prefix = e.key() + ": ";
        return message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    }
}
