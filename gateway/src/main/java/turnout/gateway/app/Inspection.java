package turnout.gateway.app;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import turnout.gateway.config.ConfigException;
import turnout.gateway.config.Environment;
import turnout.gateway.config.ModelFile;
import turnout.gateway.config.ModelOrigin;
import turnout.gateway.config.TurnoutConfig;
import turnout.gateway.lifecycle.Backends;
import turnout.gateway.lifecycle.ModelConfigReader;
import turnout.gateway.plugin.Plugin;
import turnout.gateway.plugin.PluginLoader;
import turnout.spi.Options;

/** The commands that look and do not serve. */
final class Inspection {
    private static final int MISCONFIGURED = 2;

    private final PrintStream out;
    private final PrintStream err;

    Inspection(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Reads every {@code model.yaml} too, and asks the backends about their options; the main file was read before. */
    int check(TurnoutConfig config) {
        List<Plugin> plugins = new PluginLoader().load(config.plugins());
        plugins.forEach(this::warn);
        Map<String, Consumer<Options>> checks = Backends.optionChecks(plugins);
        ModelFile reader = new ModelFile(Environment.ofProcess(), checks, config.backends());
        List<String> problems = new ArrayList<>();
        try {
            config.shared().check(checks);
        } catch (ConfigException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        int files = 0;
        Path root = root(config);
        try (DirectoryStream<Path> models = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path model : models) {
                Path file = model.resolve("model.yaml");
                if (Files.isRegularFile(file)) {
                    files++;
                    String name = String.valueOf(model.getFileName());
                    if (reader.read(name, Optional.of(file)) instanceof ModelConfigReader.Reading.Bad bad) {
                        problems.add(bad.problem());
                    }
                }
            }
        } catch (IOException e) {
            problems.add("models: the directory " + root + " cannot be read");
        }
        problems.stream().sorted().forEach(problem -> err.println("turnout: " + problem));
        if (problems.isEmpty()) {
            out.println("the configuration is right (" + files + " model.yaml files)");
            return 0;
        }
        return MISCONFIGURED;
    }

    private static Path root(TurnoutConfig config) {
        if (config.models() instanceof ModelOrigin.Repository repository) {
            return repository.root();
        }
        throw new AssertionError("a file knows repositories only");
    }

    /** A plugin that is not used is no wrong configuration: the others serve. */
    private void warn(Plugin plugin) {
        String prefix = "turnout: warning: plugin " + plugin.id() + ": ";
        plugin.problem().ifPresent(problem -> err.println(prefix + "not used: " + problem));
        plugin.warnings().forEach(warning -> err.println(prefix + warning));
        for (Plugin.Provided backend : plugin.backends()) {
            backend.availability()
                    .problem()
                    .ifPresent(problem -> err.println(prefix + backend.platform() + " cannot work here: " + problem));
        }
    }

    /** Lists backends and whether they can work here. */
    int plugins(TurnoutConfig config) {
        for (Plugin plugin : new PluginLoader().load(config.plugins())) {
            String name = plugin.version().isEmpty() ? plugin.id() : plugin.id() + " " + plugin.version();
            plugin.problem().ifPresent(problem -> out.println(name + ": not used: " + problem));
            for (Plugin.Provided backend : plugin.backends()) {
                Optional<String> problem = backend.availability().problem();
                out.println(name + ": " + backend.platform()
                        + problem.map(text -> ": cannot work here: " + text).orElse(": available"));
            }
        }
        return 0;
    }
}
