package turnout.gateway.app;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.config.CommandLine;
import turnout.gateway.config.ConfigException;
import turnout.gateway.config.Environment;
import turnout.gateway.config.TurnoutConfig;
import turnout.gateway.config.TurnoutFile;
import turnout.gateway.config.tfserving.TfServingCommand;
import turnout.gateway.plugin.PluginException;

/** The command line. Exit codes: 0 after a drain, 2 for a bad command line or configuration, 1 for anything else. */
public final class TurnoutMain {
    private static final Logger log = LoggerFactory.getLogger(TurnoutMain.class);
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private final PrintStream out;
    private final PrintStream err;

    private TurnoutMain(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Does what the arguments say and ends the process with the exit code. */
    public static void main(String[] arguments) {
        int code = new TurnoutMain(System.out, System.err).run(List.of(arguments));
        // Native runtimes leave threads behind that would keep the process.
        Runtime.getRuntime().halt(flushed(code));
    }

    private static int flushed(int code) {
        System.out.flush();
        System.err.flush();
        return code;
    }

    private int run(List<String> words) {
        try {
            Arguments arguments = Arguments.parse(words);
            return switch (arguments.command()) {
                case SERVE -> serve(read(arguments));
                case TFSERVING -> tfserving(arguments.flags());
                case CHECK -> new Inspection(out, err).check(read(arguments));
                case PLUGINS -> new Inspection(out, err).plugins(read(arguments));
                case VERSION -> {
                    out.println("turnout " + version());
                    yield 0;
                }
                case HELP -> {
                    out.print(Arguments.USAGE);
                    yield 0;
                }
            };
        } catch (Arguments.UsageException e) {
            err.println("turnout: " + e.getMessage());
            err.print(Arguments.USAGE);
            return MISUSED;
        } catch (ConfigException | PluginException | StartException e) {
            err.println("turnout: " + e.getMessage());
            return e instanceof StartException start && !start.isMisconfigured() ? FAILED : MISUSED;
        } catch (RuntimeException e) {
            log.error("Turnout ends because of a defect", e);
            err.println("turnout: internal error, see the log");
            return FAILED;
        }
    }

    private int tfserving(List<String> flags) {
        TfServingCommand command = TfServingCommand.parse(flags);
        if (command.asksForHelp()) {
            out.print(TfServingCommand.usage());
            return 0;
        }
        if (command.asksForVersion()) {
            out.println("turnout " + version());
            return 0;
        }
        int cores = Runtime.getRuntime().availableProcessors();
        TurnoutConfig config = command.config(new TurnoutFile(Environment.ofProcess(), cores), cores);
        command.warnings().forEach(warning -> err.println("turnout: warning: " + warning));
        return serve(config);
    }

    private int serve(TurnoutConfig config) {
        TurnoutServer server = TurnoutServer.start(config, version());
        CountDownLatch drained = new CountDownLatch(1);
        Shutdown shutdown =
                new Shutdown(server, config.drain(), Boolean.getBoolean("turnout.terminal"), drained::countDown);
        if (!Signals.handle(shutdown::signalled)) {
            log.warn("signals cannot be handled here: SIGTERM ends the process without a drain");
        }
        server.ready()
                .onComplete(
                        counts -> {
                            out.println("turnout ready: " + server.url() + " (" + counts + ")");
                            out.flush();
                        },
                        failure -> log.error("the first look at the models failed", failure));
        try {
            drained.await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private static TurnoutConfig read(Arguments arguments) {
        Path file = arguments.config();
        if (file == null) {
            // Set by the launcher, which knows where it lies.
            file = Path.of(System.getProperty("turnout.config", "conf/turnout.yaml"));
        }
        CommandLine commandLine =
                new CommandLine(arguments.listen(), arguments.admin(), arguments.models(), arguments.plugins());
        int cores = Runtime.getRuntime().availableProcessors();
        return new TurnoutFile(Environment.ofProcess(), cores).read(file, commandLine);
    }

    private static String version() {
        return Objects.requireNonNullElse(TurnoutMain.class.getPackage().getImplementationVersion(), "development");
    }
}
