package turnout.gateway.plugin;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.spi.Availability;
import turnout.spi.BackendProvider;

/**
 * Loads plugins: {@code plugins/<name>/*.jar}, or one fat jar {@code plugins/<name>.jar}. Native libraries load once per process, so a
 * plugin's class loader is never closed.
 */
public final class PluginLoader {
    /** Major version of the SPI that this gateway speaks. */
    public static final int SPI_MAJOR = 1;

    private static final Logger log = LoggerFactory.getLogger(PluginLoader.class);
    private static final String ID = "Turnout-Plugin-Id";
    private static final String VERSION = "Turnout-Plugin-Version";
    private static final String SPI = "Turnout-Plugin-Spi";

    private final ClassLoader parent;

    public PluginLoader() {
        this.parent = new SpiClassLoader(PluginLoader.class.getClassLoader());
    }

    /**
     * Loads every plugin and asks each backend whether it works here. Blocks.
     *
     * @param directory need not exist: then there are none
     * @throws PluginException when others may write to the directory
     */
    public List<Plugin> load(Path directory) {
        if (!Files.isDirectory(directory)) {
            log.warn("there is no plugin directory {}", directory);
            return List.of();
        }
        writers(directory).ifPresent(who -> {
            throw new PluginException("the plugin directory " + directory + " may be written to by " + who
                    + ", who could run code as this server: chmod go-w it");
        });
        List<Plugin> plugins = new ArrayList<>();
        Map<String, String> owners = new HashMap<>();
        for (Path entry : children(directory)) {
            List<Path> jars = jars(entry);
            if (!jars.isEmpty()) {
                Plugin plugin = load(entry, jars, owners);
                plugin.problem().ifPresent(problem -> log.warn("plugin {} is not used: {}", plugin.id(), problem));
                plugin.warnings().forEach(warning -> log.warn("plugin {}: {}", plugin.id(), warning));
                plugins.add(plugin);
            }
        }
        return plugins;
    }

    private Plugin load(Path entry, List<Path> jars, Map<String, String> owners) {
        String name = String.valueOf(entry.getFileName()).replaceFirst("\\.jar$", "");
        Attributes manifest = manifest(jars);
        String id = Optional.ofNullable(manifest.getValue(ID)).orElse(name);
        String version = Optional.ofNullable(manifest.getValue(VERSION)).orElse("");
        List<Path> guarded = new ArrayList<>(jars);
        guarded.add(entry);
        for (Path path : guarded) {
            Optional<String> who = writers(path);
            if (who.isPresent()) {
                String problem = path.getFileName() + " may be written to by " + who.get() + ": chmod go-w it";
                return new Plugin(id, version, List.of(), Optional.of(problem), List.of());
            }
        }
        List<String> warnings = new ArrayList<>();
        Optional<String> misfit = misfit(manifest.getValue(SPI), warnings);
        if (misfit.isPresent()) {
            return new Plugin(id, version, List.of(), misfit, warnings);
        }
        List<Plugin.Provided> backends = new ArrayList<>();
        Optional<String> problem = provide(id, jars, owners, backends);
        return new Plugin(id, version, backends, problem, warnings);
    }

    private Optional<String> provide(
            String id, List<Path> jars, Map<String, String> owners, List<Plugin.Provided> backends) {
        // Never closed: see above.
        URLClassLoader loader = new URLClassLoader("plugin-" + id, urls(jars), parent);
        try {
            for (BackendProvider provider : ServiceLoader.load(BackendProvider.class, loader)) {
                String platform = provider.platform();
                String owner = owners.putIfAbsent(platform, id);
                Availability availability = owner == null
                        ? available(provider)
                        : Availability.because("the platform " + platform + " is served by plugin " + owner);
                backends.add(new Plugin.Provided(platform, provider, availability));
            }
        } catch (RuntimeException | Error e) {
            log.warn("plugin {} cannot be loaded", id, e);
            return Optional.of("it cannot be loaded: " + e.getMessage());
        }
        return backends.isEmpty() ? Optional.of("it provides no backend") : Optional.empty();
    }

    private static Availability available(BackendProvider provider) {
        try {
            return InPlugin.call(provider, provider::isAvailable);
        } catch (RuntimeException | Error e) {
            log.warn("backend {} failed when asked whether it is available", provider.platform(), e);
            return Availability.because("it failed when asked: " + e.getMessage());
        }
    }

    private static Optional<String> misfit(@Nullable String range, List<String> warnings) {
        if (range == null) {
            warnings.add("its manifest does not say which SPI it was made for (" + SPI + ")");
            return Optional.empty();
        }
        Optional<SpiRange> parsed = SpiRange.parse(range);
        if (parsed.isEmpty()) {
            return Optional.of(SPI + ": \"" + range + "\" is neither a version nor a range like [1,2)");
        }
        return parsed.get().holds(SPI_MAJOR)
                ? Optional.empty()
                : Optional.of("it was made for SPI " + range + ", this gateway speaks " + SPI_MAJOR);
    }

    /** The manifest that says most: of the first jar that names a plugin. */
    private static Attributes manifest(List<Path> jars) {
        for (Path jar : jars) {
            try (JarFile file = new JarFile(jar.toFile())) {
                Manifest manifest = file.getManifest();
                if (manifest != null && manifest.getMainAttributes().getValue(ID) != null) {
                    return manifest.getMainAttributes();
                }
            } catch (IOException e) {
                log.warn("{} cannot be read: {}", jar, e.getMessage());
            }
        }
        return new Attributes();
    }

    private static List<Path> jars(Path entry) {
        if (Files.isDirectory(entry)) {
            return children(entry).stream().filter(PluginLoader::isJar).toList();
        }
        return isJar(entry) ? List.of(entry) : List.of();
    }

    private static boolean isJar(Path path) {
        return String.valueOf(path.getFileName()).endsWith(".jar") && Files.isRegularFile(path);
    }

    /** In the order of their names, so that two starts agree; hidden ones left out. */
    private static List<Path> children(Path directory) {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(children::add);
        } catch (IOException e) {
            throw new PluginException("the plugin directory " + directory + " cannot be read: " + e.getMessage());
        }
        children.removeIf(path -> String.valueOf(path.getFileName()).startsWith("."));
        children.sort(null);
        return children;
    }

    private static URL[] urls(List<Path> jars) {
        URL[] urls = new URL[jars.size()];
        for (int i = 0; i < urls.length; i++) {
            try {
                urls[i] = jars.get(i).toUri().toURL();
            } catch (MalformedURLException e) {
                throw new AssertionError("a file has a URL", e);
            }
        }
        return urls;
    }

    /** Who else may write there, empty for nobody (or where the file system does not say). */
    private static Optional<String> writers(Path path) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                return Optional.of("everybody");
            }
            return permissions.contains(PosixFilePermission.GROUP_WRITE) ? Optional.of("its group") : Optional.empty();
        } catch (UnsupportedOperationException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new PluginException(path + " cannot be read: " + e.getMessage());
        }
    }
}
