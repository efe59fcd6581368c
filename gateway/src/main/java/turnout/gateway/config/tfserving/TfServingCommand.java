package turnout.gateway.config.tfserving;

import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import turnout.gateway.call.RefusedException;
import turnout.gateway.config.CommandLine;
import turnout.gateway.config.ConfigException;
import turnout.gateway.config.ModelOrigin;
import turnout.gateway.config.SharedOptions;
import turnout.gateway.config.TurnoutConfig;
import turnout.gateway.config.TurnoutFile;
import turnout.gateway.edge.EdgeConfig;
import turnout.gateway.edge.tfserving.ReloadRequests;
import turnout.gateway.lifecycle.LifecycleConfig;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.spi.Device;

/**
 * Turns TensorFlow Serving's flags into what {@code turnout.yaml} would say: they are the defaults of a model's own {@code model.yaml},
 * but for the list of models, which goes before it.
 */
public final class TfServingCommand {
    private static final int MOST_SECONDS = 86_400;
    /** A load that cannot succeed yet must not keep a core and the disk busy. */
    private static final Duration LEAST_PAUSE = Duration.ofMillis(100);

    private static final String TENSORFLOW = "tensorflow_savedmodel";

    private final FlagLine line;
    private final List<String> warnings;

    private TfServingCommand(FlagLine line) {
        this.line = line;
        this.warnings = new ArrayList<>(line.warnings());
    }

    /**
     * Reads the flags.
     *
     * @throws ConfigException naming the flag
     */
    public static TfServingCommand parse(List<String> words) {
        return new TfServingCommand(FlagLine.parse(words));
    }

    /** Whether only the version is asked for. */
    public boolean asksForVersion() {
        return line.isOn(Flag.VERSION);
    }

    /** Whether only the list of flags is asked for. */
    public boolean asksForHelp() {
        return line.isOn(Flag.HELP);
    }

    /** Sentences for the operator on flags that do not do what they do elsewhere; complete after {@link #config}. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** The text of {@code --help}. */
    public static String usage() {
        StringBuilder text = new StringBuilder(
                "usage: turnout tfserving [--FLAG=VALUE]...     serve with the flags of TensorFlow Serving's server\n");
        for (Flag.Use use : Flag.Use.values()) {
            text.append(
                    switch (use) {
                        case APPLIED -> "";
                        case NO_EFFECT -> "\nAccepted without effect:\n";
                        case REFUSED -> "\nRefused where they ask for anything but the default:\n";
                    });
            for (Flag flag : Flag.values()) {
                if (flag.use() == use) {
                    String absent = flag.absent().isEmpty() ? "" : " (" + flag.absent() + ")";
                    text.append("  ").append(flag).append(absent).append("\n        ");
                    text.append(flag.note()).append('\n');
                }
            }
        }
        return text.toString();
    }

    /**
     * Reads the files that the flags name.
     *
     * @param file says what holds where no flag says anything
     * @param cores processor cores, for flags whose 0 means "as many"
     * @throws ConfigException naming the flag, or file, line, column and field
     */
    public TurnoutConfig config(TurnoutFile file, int cores) {
        TurnoutConfig base = file.defaults(
                new CommandLine(listen(), line.text(Flag.TURNOUT_ADMIN).orElse("off"), null, null));
        ModelOrigin models = models();
        BatchingFile batching = batching();
        Map<Device, Integer> threads = new LinkedHashMap<>(base.deviceThreads());
        batching.threads().ifPresent(count -> threads.put(Device.CPU, count));
        Optional<String> figures = file(Flag.MONITORING_CONFIG_FILE).flatMap(MonitoringFile::path);
        return new TurnoutConfig(
                edge(base.edge()),
                base.admin(),
                models,
                base.plugins(),
                base.stateDir(),
                line.isOn(Flag.TURNOUT_REPOSITORY_CONTROL),
                lifecycle(base.lifecycle(), cores),
                threads,
                base.inFlightBytes(),
                base.drain(),
                metricsPaths(base.metricsPaths(), figures),
                figures.isPresent() ? List.of(TurnoutConfig.TENSORFLOW_SERVING) : base.metricsCompat(),
                shared(base.shared()),
                load(base.modelDefaults(), batching));
    }

    private List<String> listen() {
        Set<Long> ports = new LinkedHashSet<>();
        ports.add(line.number(Flag.PORT, 0, 65_535));
        ports.add(line.number(Flag.REST_API_PORT, 0, 65_535));
        ports.remove(0L);
        if (ports.isEmpty()) {
            throw FlagLine.wrong(Flag.PORT, "and --rest_api_port are both 0: there would be nothing to listen on");
        }
        return ports.stream().map(port -> "0.0.0.0:" + port).toList();
    }

    private EdgeConfig edge(EdgeConfig clear) {
        EdgeConfig base = line.isOn(Flag.REST_API_ENABLE_CORS_SUPPORT) ? clear.withCors(EdgeConfig.Cors.ON) : clear;
        Optional<Path> file = file(Flag.SSL_CONFIG_FILE);
        if (file.isEmpty()) {
            return base;
        }
        if (line.number(Flag.REST_API_PORT, 0, 65_535) > 0) {
            warnings.add(Flag.SSL_CONFIG_FILE + " counts for " + Flag.REST_API_PORT
                    + " too: REST clients must use https, unlike with TensorFlow Serving");
        }
        return base.withTls(SslFile.read(file.get()));
    }

    private ModelOrigin models() {
        Optional<Path> file = file(Flag.MODEL_CONFIG_FILE);
        long poll = line.number(Flag.MODEL_CONFIG_FILE_POLL_WAIT_SECONDS, 0, MOST_SECONDS);
        List<ServedModel> models;
        if (file.isPresent()) {
            models = ModelList.read(file.get());
            if (line.has(Flag.VERSION_LABELS)) {
                throw FlagLine.wrong(
                        Flag.VERSION_LABELS,
                        "is for the model of --model_base_path; write version_labels into " + file.get());
            }
        } else if (line.text(Flag.MODEL_BASE_PATH).isPresent()) {
            models = List.of(single());
        } else {
            throw FlagLine.wrong(
                    Flag.MODEL_BASE_PATH,
                    "Both server_options.model_base_path and server_options.model_config_file are empty!"
                            + " Give --model_base_path or --model_config_file");
        }
        Optional<ModelOrigin.Watch> watch =
                file.filter(path -> poll > 0).map(path -> new ModelOrigin.Watch(path, Duration.ofSeconds(poll)));
        if (line.number(Flag.FILE_SYSTEM_POLL_WAIT_SECONDS, -MOST_SECONDS, MOST_SECONDS) < 0) {
            warnings.add(Flag.FILE_SYSTEM_POLL_WAIT_SECONDS
                    + " is negative: no directory is looked at, and no model is loaded, until a reload says which");
            models = List.of();
        }
        return new ModelOrigin.Listed(models, watch);
    }

    private ServedModel single() {
        String name = line.text(Flag.MODEL_NAME).orElse("default");
        if (name.isBlank()) {
            throw FlagLine.wrong(Flag.MODEL_NAME, "must not be blank");
        }
        var model = turnout.protocol.tfserving.ModelConfig.newBuilder()
                .setName(name)
                .setBasePath(line.text(Flag.MODEL_BASE_PATH).orElse(""))
                .setModelPlatform("tensorflow");
        // What else may be wrong is the path, so whatever is refused before there are labels is about that.
        read(Flag.MODEL_BASE_PATH, model.build());
        line.text(Flag.VERSION_LABELS).ifPresent(text -> {
            for (String label : text.split(",", -1)) {
                int colon = label.lastIndexOf(':');
                if (colon < 1 || !label.substring(colon + 1).matches("[0-9]{1,18}")) {
                    throw FlagLine.wrong(
                            Flag.VERSION_LABELS, "expected labels like stable:1,canary:2, got \"" + text + "\"");
                }
                model.putVersionLabels(label.substring(0, colon), Long.parseLong(label.substring(colon + 1)));
            }
        });
        return read(Flag.VERSION_LABELS, model.build());
    }

    /** @param flag blamed for what is refused */
    private static ServedModel read(Flag flag, turnout.protocol.tfserving.ModelConfig model) {
        try {
            return ReloadRequests.model(model);
        } catch (RefusedException e) {
            throw FlagLine.wrong(flag, String.valueOf(e.getMessage()));
        }
    }

    private BatchingFile batching() {
        Optional<Path> file = file(Flag.BATCHING_PARAMETERS_FILE);
        if (!line.isOn(Flag.ENABLE_BATCHING)) {
            if (file.isPresent()) {
                throw FlagLine.wrong(
                        Flag.BATCHING_PARAMETERS_FILE,
                        "server_options.batching_parameters_file is set without setting"
                                + " server_options.enable_batching to true: add --enable_batching");
            }
            return BatchingFile.ofTurnout();
        }
        return file.map(BatchingFile::read).orElseGet(BatchingFile::absent);
    }

    private LifecycleConfig lifecycle(LifecycleConfig base, int cores) {
        long threads = line.number(Flag.NUM_LOAD_THREADS, 0, 64);
        long poll = line.number(Flag.FILE_SYSTEM_POLL_WAIT_SECONDS, -MOST_SECONDS, MOST_SECONDS);
        long retries = line.number(Flag.MAX_NUM_LOAD_RETRIES, 0, Integer.MAX_VALUE);
        Duration pause = retryPause();
        boolean paused = line.has(Flag.LOAD_RETRY_INTERVAL_MICROS);
        return new LifecycleConfig(
                threads == 0 ? Math.min(64, cores) : (int) threads,
                base.memoryBudget(),
                base.deviceMemory(),
                Duration.ofSeconds(Math.max(0, poll)),
                sessionThreads(cores),
                paused ? pause : base.firstRetry(),
                paused ? pause : base.lastRetry(),
                line.has(Flag.MAX_NUM_LOAD_RETRIES) ? (int) retries : base.mostRetries(),
                line.isOn(Flag.ALLOW_VERSION_LABELS_FOR_UNAVAILABLE_MODELS)
                        ? LifecycleConfig.Labels.ANY
                        : LifecycleConfig.Labels.PRESENT);
    }

    private Duration retryPause() {
        Duration given =
                Duration.of(line.number(Flag.LOAD_RETRY_INTERVAL_MICROS, 0, 86_400_000_000L), ChronoUnit.MICROS);
        if (given.compareTo(LEAST_PAUSE) >= 0) {
            return given;
        }
        warnings.add(Flag.LOAD_RETRY_INTERVAL_MICROS + " is raised to " + LEAST_PAUSE.toMillis()
                + " ms, the least pause between loads that failed");
        return LEAST_PAUSE;
    }

    private int sessionThreads(int cores) {
        long session = line.number(Flag.TENSORFLOW_SESSION_PARALLELISM, 0, 1024);
        long intra = line.number(Flag.TENSORFLOW_INTRA_OP_PARALLELISM, 0, 1024);
        long inter = line.number(Flag.TENSORFLOW_INTER_OP_PARALLELISM, 0, 1024);
        if (session > 0 && intra > 0 && inter > 0) {
            throw FlagLine.wrong(
                    Flag.TENSORFLOW_SESSION_PARALLELISM,
                    "must not be set where both " + Flag.TENSORFLOW_INTRA_OP_PARALLELISM + " and "
                            + Flag.TENSORFLOW_INTER_OP_PARALLELISM + " are");
        }
        long wanted = intra > 0 ? intra : session;
        return wanted > 0 ? (int) wanted : cores;
    }

    private static List<String> metricsPaths(List<String> usual, Optional<String> another) {
        List<String> paths = new ArrayList<>(usual);
        another.filter(path -> !paths.contains(path)).ifPresent(paths::add);
        return paths;
    }

    private SharedOptions shared(SharedOptions base) {
        List<String> tags =
                List.of(line.text(Flag.SAVED_MODEL_TAGS).orElse("serve").split(",", -1));
        if (tags.contains("")) {
            throw FlagLine.wrong(Flag.SAVED_MODEL_TAGS, "expected tags separated by commas, got " + tags);
        }
        if (tags.equals(List.of("serve"))) {
            return base;
        }
        ModelConfig.Section section = new ModelConfig.Section("tensorflow", Map.of("tags", tags));
        return new SharedOptions(Flag.SAVED_MODEL_TAGS.toString(), Map.of(TENSORFLOW, section), Map.of());
    }

    private ModelConfig.LoadSettings load(ModelConfig.LoadSettings base, BatchingFile batching) {
        return new ModelConfig.LoadSettings(
                batching.batching(),
                base.instances(),
                base.maxInFlight(),
                base.devices(),
                Duration.ofMillis(line.number(Flag.REST_API_TIMEOUT_IN_MS, 1, Integer.MAX_VALUE)),
                base.cache(),
                line.isOn(Flag.ENABLE_MODEL_WARMUP) ? ModelConfig.Warm.AUTO : ModelConfig.Warm.SYNTHETIC,
                (int) line.number(Flag.NUM_REQUEST_ITERATIONS_FOR_WARMUP, 1, 1000),
                base.maxOutputBytes(),
                base.trust(),
                base.sections());
    }

    private Optional<Path> file(Flag flag) {
        return line.text(flag).map(text -> Path.of(text).toAbsolutePath().normalize());
    }
}
