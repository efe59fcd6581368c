package turnout.gateway.app;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The command line, taken apart.
 *
 * @param command what to do
 * @param config the file to read, null for the default one
 * @param models instead of the file's, null to keep it
 * @param listen instead of the file's, empty to keep them
 * @param admin instead of the file's, null to keep it
 * @param plugins instead of the file's, null to keep it
 * @param flags of TensorFlow Serving, for the command that takes those
 */
record Arguments(
        Command command,
        @Nullable Path config,
        @Nullable Path models,
        List<String> listen,
        @Nullable String admin,
        @Nullable Path plugins,
        List<String> flags) {
    /** What a user can ask for. */
    enum Command {
        SERVE,
        TFSERVING,
        CHECK,
        PLUGINS,
        VERSION,
        HELP
    }

    /** The text of {@code --help}. */
    static final String USAGE = """
            usage: turnout serve   [--config FILE] [--models DIR] [--listen HOST:PORT]... [--admin HOST:PORT|off] [--plugins DIR]
                   turnout tfserving [--FLAG=VALUE]...     serve with TensorFlow Serving's flags; tfserving --help lists them
                   turnout check   [--config FILE]     say whether the configuration is right, without serving
                   turnout plugins [--config FILE] [--plugins DIR]     list the backends and whether they can work here
                   turnout --version | --help

              --config FILE    configuration (default: conf/turnout.yaml)
              --models DIR     model repository: DIR/<model>/<version>/...
              --listen ADDR    address of the data port; may be given several times
              --admin ADDR     address of the admin port, or off
              --plugins DIR    where backends are loaded from
            """;

    private static final Set<String> SERVE_OPTIONS = Set.of("--config", "--models", "--listen", "--admin", "--plugins");
    private static final Set<String> CHECK_OPTIONS = Set.of("--config", "--models", "--listen", "--admin", "--plugins");
    private static final Set<String> PLUGINS_OPTIONS = Set.of("--config", "--plugins");

    /**
     * Takes it apart.
     *
     * @throws UsageException saying what is wrong
     */
    static Arguments parse(List<String> words) {
        if (words.isEmpty()) {
            throw new UsageException("no command given");
        }
        Deque<String> rest = new ArrayDeque<>(words);
        String command = rest.removeFirst();
        return switch (command) {
            case "serve" -> new Reader(SERVE_OPTIONS).read(Command.SERVE, rest);
            case "tfserving" -> new Arguments(Command.TFSERVING, null, null, List.of(), null, null, List.copyOf(rest));
            case "check" -> new Reader(CHECK_OPTIONS).read(Command.CHECK, rest);
            case "plugins" -> new Reader(PLUGINS_OPTIONS).read(Command.PLUGINS, rest);
            case "--version" -> new Reader(Set.of()).read(Command.VERSION, rest);
            case "--help", "-h", "help" -> new Reader(Set.of()).read(Command.HELP, rest);
            default -> throw new UsageException("unknown command " + command);
        };
    }

    /** A command line that cannot be understood. */
    static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message, null, false, false);
        }
    }

    private static final class Reader {
        private final Set<String> allowed;
        private final List<String> listen = new ArrayList<>();
        private @Nullable Path config;
        private @Nullable Path models;
        private @Nullable String admin;
        private @Nullable Path plugins;

        Reader(Set<String> allowed) {
            this.allowed = allowed;
        }

        Arguments read(Command command, Deque<String> rest) {
            while (!rest.isEmpty()) {
                String word = rest.removeFirst();
                int equals = word.startsWith("--") ? word.indexOf('=') : -1;
                String option = equals < 0 ? word : word.substring(0, equals);
                if (!allowed.contains(option)) {
                    throw new UsageException("unknown option " + option);
                }
                if (equals < 0 && rest.isEmpty()) {
                    throw new UsageException("option " + option + " needs a value");
                }
                set(option, equals < 0 ? rest.removeFirst() : word.substring(equals + 1));
            }
            return new Arguments(command, config, models, List.copyOf(listen), admin, plugins, List.of());
        }

        private void set(String option, String value) {
            switch (option) {
                case "--config" -> config = once(option, config, path(option, value));
                case "--models" -> models = once(option, models, path(option, value));
                case "--admin" -> admin = once(option, admin, value);
                case "--plugins" -> plugins = once(option, plugins, path(option, value));
                case "--listen" -> listen.add(value);
                default -> throw new AssertionError(option);
            }
        }

        private static <T> T once(String option, @Nullable T before, T value) {
            if (before != null) {
                throw new UsageException("option " + option + " is given twice");
            }
            return value;
        }

        private static Path path(String option, String value) {
            if (value.isEmpty() || value.indexOf('\0') >= 0) {
                throw new UsageException("option " + option + " needs a path");
            }
            return Path.of(value);
        }
    }
}
