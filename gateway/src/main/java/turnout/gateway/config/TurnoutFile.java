package turnout.gateway.config;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import turnout.gateway.edge.EdgeConfig;
import turnout.gateway.edge.EdgeConfig.Address;
import turnout.gateway.edge.TlsConfig;
import turnout.gateway.lifecycle.LifecycleConfig;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.spi.Device;

/** Reads {@code turnout.yaml}: each key once, with its default beside it. */
public final class TurnoutFile {
    private static final List<Address> LISTEN = List.of(new Address("127.0.0.1", 8500));
    private static final Address ADMIN = new Address("127.0.0.1", 8502);

    private final Environment environment;
    private final int cores;

    /**
     * @param environment where {@code ${NAME}} in values is looked up
     * @param cores processor cores, for keys whose 0 means "as many"
     */
    public TurnoutFile(Environment environment, int cores) {
        this.environment = environment;
        this.cores = cores;
    }

    /**
     * Reads the file and puts the command line over it.
     *
     * @throws ConfigException naming file, line and key, or the option
     */
    public TurnoutConfig read(Path file, CommandLine commandLine) {
        return read(YamlFile.read(file, file.toString(), environment), file, commandLine);
    }

    /** What holds where there is no file, with the command line put over it. */
    public TurnoutConfig defaults(CommandLine commandLine) {
        return read(YamlFile.empty("the defaults", environment), Path.of("turnout.yaml"), commandLine);
    }

    private TurnoutConfig read(YamlSection top, Path file, CommandLine commandLine) {
        Path base = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        EdgeConfig edge = edge(top, base, commandLine);
        Optional<Address> admin = admin(top, commandLine);
        Path models = path(top, "models", base, "../samples/models", commandLine.models());
        Path plugins = path(top, "plugins", base, ownPlugins(), commandLine.plugins());
        Path stateDir = path(top, "state-dir", base, "../state", null);
        boolean repositoryControl = repositoryControl(top, edge);
        int loadThreads = top.take("load-threads").map(v -> v.integer(1, 64)).orElse(1);
        Map<Device, Integer> deviceThreads = deviceThreads(top.section("device-threads"));
        long memoryBudget = top.take("memory-budget").map(YamlValue::bytes).orElse(0L);
        Map<Device, Long> deviceMemory = deviceMemory(top.section("device-memory"));
        long inFlightBytes = top.section("limits")
                .take("in-flight-bytes")
                .map(YamlValue::bytes)
                .orElse(1L << 30);
        TurnoutConfig.Drain drain = drain(top.section("drain"));
        Duration poll = top.take("poll-interval").map(YamlValue::duration).orElse(Duration.ofSeconds(1));
        List<String> compat = compat(top.section("metrics"));
        SharedOptions shared = shared(top, file.toString());
        top.finish();
        return top.build(() -> new TurnoutConfig(
                edge,
                admin,
                new ModelOrigin.Repository(models),
                plugins,
                stateDir,
                repositoryControl,
                LifecycleConfig.of(
                        loadThreads,
                        memoryBudget == 0 ? freeMemory() : memoryBudget,
                        deviceMemory,
                        poll,
                        deviceThreads.getOrDefault(Device.CPU, cores)),
                deviceThreads,
                inFlightBytes,
                drain,
                TurnoutConfig.METRICS_PATHS,
                compat,
                shared,
                ModelConfig.LoadSettings.DEFAULT));
    }

    private EdgeConfig edge(YamlSection top, Path base, CommandLine commandLine) {
        List<Address> fromFile = top.take("listen")
                .map(list -> list.items().stream()
                        .map(item -> item.parsed("an address like 127.0.0.1:8500 or :8501", Quantities::address))
                        .toList())
                .orElse(LISTEN);
        EdgeConfig defaults = EdgeConfig.defaults(commandLine.listenAddresses().orElse(LISTEN));
        YamlSection limits = top.section("limits");
        long body = limits.take("body").map(YamlValue::bytes).orElse(defaults.bodyBytes());
        long inflated = limits.take("inflated-body").map(YamlValue::bytes).orElse(defaults.inflatedBytes());
        long incoming = limits.take("incoming-bytes").map(YamlValue::bytes).orElse(0L);
        int connections =
                limits.take("connections").map(v -> v.integer(1, 1_000_000)).orElse(defaults.connections());
        limits.take("in-flight-bytes");
        limits.finish();
        Optional<TlsConfig> tls = TlsSection.read(top, base);
        EdgeConfig.Cors cors =
                top.take("cors").map(v -> v.oneOf(EdgeConfig.Cors.class)).orElse(defaults.cors());
        int loops = top.take("event-loops").map(v -> v.integer(0, 1024)).orElse(0);
        return top.build(() -> new EdgeConfig(
                commandLine.listenAddresses().orElse(fromFile),
                body,
                inflated,
                incoming == 0 ? defaults.incomingBytes() : incoming,
                connections,
                defaults.headTimeout(),
                defaults.bodyGrace(),
                defaults.bodyBytesPerSecond(),
                defaults.writeStall(),
                defaults.keepAlive(),
                loops == 0 ? Math.max(1, cores / 2) : loops,
                tls,
                cors));
    }

    private static Optional<Address> admin(YamlSection top, CommandLine commandLine) {
        Optional<List<Address>> fromFile = top.take("admin")
                .map(value -> value.parsed("an address like 127.0.0.1:8502, or off", CommandLine::addressOrOff));
        return commandLine.adminAddresses().or(() -> fromFile).orElse(List.of(ADMIN)).stream()
                .findFirst();
    }

    /** Those that came with the server, wherever the configuration lies: the launcher says where. */
    private String ownPlugins() {
        String home = environment.get("TURNOUT_HOME");
        return (home == null ? ".." : home) + "/plugins";
    }

    private static Path path(YamlSection top, String key, Path base, String absent, @Nullable Path instead) {
        String text = top.take(key)
                .map(value -> value.parsed(
                        "a path",
                        path -> path.isBlank() || path.indexOf('\0') >= 0 ? Optional.empty() : Optional.of(path)))
                .orElse(absent);
        return instead != null
                ? instead.toAbsolutePath().normalize()
                : base.resolve(text).normalize();
    }

    private enum Control {
        AUTO,
        ON,
        OFF
    }

    private static boolean repositoryControl(YamlSection top, EdgeConfig edge) {
        Control control =
                top.take("repository-control").map(v -> v.oneOf(Control.class)).orElse(Control.AUTO);
        return switch (control) {
            case AUTO -> TurnoutConfig.isPrivate(edge);
            case ON -> true;
            case OFF -> false;
        };
    }

    private Map<Device, Integer> deviceThreads(YamlSection section) {
        Map<Device, Integer> threads = new LinkedHashMap<>();
        threads.put(Device.CPU, cores);
        section.all().forEach((name, value) -> {
            Device device = Device.parse(name)
                    .orElseThrow(() -> value.wrong("expected a device like cpu or gpu:0, got \"" + name + "\""));
            int wanted = value.integer(0, 1024);
            threads.put(device, wanted > 0 ? wanted : device.isCpu() ? cores : 1);
        });
        return threads;
    }

    private static Map<Device, Long> deviceMemory(YamlSection section) {
        Map<Device, Long> memory = new LinkedHashMap<>();
        section.all().forEach((name, value) -> {
            Device device = Device.parse(name)
                    .filter(parsed -> !parsed.isCpu())
                    .orElseThrow(() -> value.wrong("expected a device with memory of its own, like gpu:0, got \"" + name
                            + "\"; main memory is limited by memory-budget"));
            long bytes = value.bytes();
            if (bytes > 0) {
                memory.put(device, bytes);
            }
        });
        return memory;
    }

    private static TurnoutConfig.Drain drain(YamlSection section) {
        Duration grace = section.take("grace").map(YamlValue::duration).orElse(Duration.ofSeconds(5));
        Duration timeout = section.take("timeout").map(YamlValue::duration).orElse(Duration.ofSeconds(30));
        section.finish();
        return new TurnoutConfig.Drain(grace, timeout);
    }

    private static List<String> compat(YamlSection section) {
        Optional<YamlValue> compat = section.take("compat");
        section.finish();
        List<String> names = new ArrayList<>();
        for (YamlValue name : compat.map(YamlValue::items).orElse(List.of())) {
            if (!name.text().equals(TurnoutConfig.TENSORFLOW_SERVING)) {
                throw name.wrong("expected " + TurnoutConfig.TENSORFLOW_SERVING + ", the only other server whose metric"
                        + " names are kept, got \"" + name.text() + "\"");
            }
            names.add(name.text());
        }
        return names;
    }

    private static SharedOptions shared(YamlSection top, String file) {
        Map<String, ModelConfig.Section> sections = new LinkedHashMap<>();
        top.section(SharedOptions.KEY).all().forEach((name, value) -> {
            String platform = Platforms.named(name);
            if (sections.put(platform, new ModelConfig.Section(name, value.plainSection())) != null) {
                throw value.wrong("the backend " + platform + " has a section already");
            }
        });
        return new SharedOptions(file, sections, top.linesUnder(SharedOptions.KEY));
    }

    /** What the machine or the container has, less what the JVM itself may take on the heap and beside it. */
    private static long freeMemory() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long total = system.getTotalMemorySize();
        return Math.max(total / 4, total - 2 * Runtime.getRuntime().maxMemory());
    }
}
