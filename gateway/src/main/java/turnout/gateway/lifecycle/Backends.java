package turnout.gateway.lifecycle;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.plugin.InPlugin;
import turnout.gateway.plugin.Plugin;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.BackendProvider;
import turnout.spi.Device;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.OptionException;
import turnout.spi.Options;

/** The backends that work here, and why others do not. Safe for any thread. */
public final class Backends implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Backends.class);

    private final SortedMap<String, Entry> working;
    private final SortedMap<String, String> broken;

    private Backends(SortedMap<String, Entry> working, SortedMap<String, String> broken) {
        this.working = working;
        this.broken = broken;
    }

    /**
     * Creates every backend that is available. Blocks.
     *
     * @param contexts what each is lent, by platform
     */
    public static Backends create(List<Plugin> plugins, Function<String, BackendContext> contexts) {
        SortedMap<String, Entry> working = new TreeMap<>();
        SortedMap<String, String> broken = new TreeMap<>();
        for (Plugin plugin : plugins) {
            for (Plugin.Provided provided : plugin.backends()) {
                String platform = provided.platform();
                Optional<String> problem = provided.availability().problem();
                if (problem.isEmpty()) {
                    try {
                        BackendContext context = contexts.apply(platform);
                        Backend backend = InPlugin.call(
                                provided.provider(), () -> provided.provider().create(context));
                        working.put(platform, new Entry(platform, provided.provider(), backend));
                    } catch (RuntimeException | Error e) {
                        // Others' code: whatever it throws, the other backends must serve.
                        log.warn("backend {} cannot be created", platform, e);
                        problem = Optional.of(String.valueOf(e.getMessage()));
                    }
                }
                problem.filter(text -> !working.containsKey(platform)).ifPresent(text -> {
                    log.warn("backend {} cannot be used: {}", platform, text);
                    broken.put(platform, text);
                });
            }
        }
        return new Backends(working, broken);
    }

    /** Who checks the section of each backend, available or not, for the configuration parsers. */
    public static Map<String, Consumer<Options>> optionChecks(List<Plugin> plugins) {
        Map<String, Consumer<Options>> checks = new LinkedHashMap<>();
        for (Plugin plugin : plugins) {
            for (Plugin.Provided provided : plugin.backends()) {
                checks.putIfAbsent(provided.platform(), options -> check(provided, options));
            }
        }
        return checks;
    }

    private static void check(Plugin.Provided provided, Options options) {
        try {
            provided.provider().checkOptions(options);
        } catch (OptionException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            log.error("the backend {} could not check its options", provided.platform(), e);
            throw new OptionException(provided.platform(), "the backend could not check its options: " + e);
        }
    }

    /** Platforms that work, by name. */
    public List<String> platforms() {
        return List.copyOf(working.keySet());
    }

    /** Every device that some backend can place a session on; the CPU always. */
    public Set<Device> devices() {
        Set<Device> devices = new LinkedHashSet<>(List.of(Device.CPU));
        working.values().forEach(entry -> devices.addAll(entry.backend().devices()));
        return devices;
    }

    /** Devices that no backend has, of those: a configuration that names them cannot be kept. */
    public List<Device> missing(Collection<Device> devices) {
        return devices.stream()
                .filter(device -> !device.isCpu())
                .filter(device -> working.values().stream()
                        .noneMatch(entry -> entry.backend().devices().contains(device)))
                .sorted((a, b) -> a.toString().compareTo(b.toString()))
                .toList();
    }

    /**
     * The backend of that name.
     *
     * @throws InferenceException saying why there is none
     */
    Entry named(String platform) {
        Entry entry = working.get(platform);
        if (entry != null) {
            return entry;
        }
        String problem = broken.get(platform);
        throw new InferenceException(
                problem == null ? ErrorCode.UNSUPPORTED : ErrorCode.MODEL_FAILED,
                problem == null
                        ? "there is no backend " + platform + "; there are: " + list()
                        : "the backend " + platform + " cannot be used here: " + problem);
    }

    /**
     * The backend that takes the files. Looks at the disk.
     *
     * @throws InferenceException when none does
     */
    Entry claiming(Path location) {
        for (Entry entry : working.values()) {
            if (entry.backend().claims(location)) {
                return entry;
            }
        }
        String hint =
                broken.isEmpty() ? "" : "; backends that cannot be used here: " + String.join(", ", broken.keySet());
        throw new InferenceException(
                ErrorCode.MODEL_FAILED, "no backend knows the format of its files; there are: " + list() + hint);
    }

    /** Whether a platform is known, works or not. */
    boolean knows(String platform) {
        return working.containsKey(platform) || broken.containsKey(platform);
    }

    /** Closes every backend; after every version was unloaded. */
    @Override
    public void close() {
        working.values().forEach(entry -> {
            try {
                entry.backend().close();
            } catch (RuntimeException | Error e) {
                log.warn("backend {} did not close", entry.platform(), e);
            }
        });
    }

    private String list() {
        return working.isEmpty() ? "none" : String.join(", ", working.keySet());
    }

    /** One that works. */
    record Entry(String platform, BackendProvider provider, Backend backend) {}
}
