package turnout.gateway.config.tfserving;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Every flag of TensorFlow Serving's server: what it takes, what holds without it, and what becomes of it here. */
enum Flag {
    // Where it listens.
    PORT("port", Kind.NUMBER, "8500", Use.APPLIED, "a listener on 0.0.0.0 (0: none); it speaks REST as well as gRPC"),
    REST_API_PORT("rest_api_port", Kind.NUMBER, "0", Use.APPLIED, "another listener (0: none); it speaks gRPC as well"),
    REST_API_TIMEOUT_IN_MS(
            "rest_api_timeout_in_ms", Kind.NUMBER, "30000", Use.APPLIED, "deadline of calls that name none, gRPC too"),
    ENABLE_GRPC_HEALTHCHECK_SERVICE(
            "enable_grpc_healthcheck_service", Kind.SWITCH, "false", Use.APPLIED, "the health service is always there"),

    SSL_CONFIG_FILE(
            "ssl_config_file",
            Kind.TEXT,
            "",
            Use.APPLIED,
            "a text SSLConfig: TLS on both listeners, where TensorFlow Serving leaves REST in the clear"),
    REST_API_ENABLE_CORS_SUPPORT(
            "rest_api_enable_cors_support",
            Kind.SWITCH,
            "false",
            Use.APPLIED,
            "answers let web pages of every origin call the REST interface"),

    // Which models.
    MODEL_NAME("model_name", Kind.TEXT, "default", Use.APPLIED, "name of the one model of --model_base_path"),
    MODEL_BASE_PATH("model_base_path", Kind.TEXT, "", Use.APPLIED, "its directory: an absolute path or a file:// URI"),
    VERSION_LABELS("version_labels", Kind.TEXT, "", Use.APPLIED, "its labels, as in stable:1,canary:2"),
    MODEL_CONFIG_FILE(
            "model_config_file",
            Kind.TEXT,
            "",
            Use.APPLIED,
            "models as a text ModelServerConfig; --model_name and --model_base_path do not count then"),
    MODEL_CONFIG_FILE_POLL_WAIT_SECONDS(
            "model_config_file_poll_wait_seconds",
            Kind.NUMBER,
            "0",
            Use.APPLIED,
            "how often that file is read again (0: never)"),
    ALLOW_VERSION_LABELS_FOR_UNAVAILABLE_MODELS(
            "allow_version_labels_for_unavailable_models",
            Kind.SWITCH,
            "false",
            Use.APPLIED,
            "labels may point at versions whose files are not there yet; at the start they always may"),
    FILE_SYSTEM_POLL_WAIT_SECONDS(
            "file_system_poll_wait_seconds",
            Kind.NUMBER,
            "1",
            Use.APPLIED,
            "how often the models' directories are looked at (0: once; negative: never, so that nothing is loaded)"),

    // How they are loaded.
    NUM_LOAD_THREADS(
            "num_load_threads", Kind.NUMBER, "0", Use.APPLIED, "versions loaded at a time (0: as many as cores)"),
    MAX_NUM_LOAD_RETRIES(
            "max_num_load_retries",
            Kind.NUMBER,
            "5",
            Use.APPLIED,
            "where it is given; else a load that may succeed later is tried for ever. Damaged files are never tried again"),
    LOAD_RETRY_INTERVAL_MICROS(
            "load_retry_interval_micros",
            Kind.NUMBER,
            "60000000",
            Use.APPLIED,
            "where it is given, but at least 100000; else pauses grow from half a second to a minute"),
    SAVED_MODEL_TAGS("saved_model_tags", Kind.TEXT, "serve", Use.APPLIED, "tags of the graph, separated by commas"),
    TENSORFLOW_SESSION_PARALLELISM(
            "tensorflow_session_parallelism",
            Kind.NUMBER,
            "0",
            Use.APPLIED,
            "threads for the work inside operations, of all backends (0: as many as cores)"),
    TENSORFLOW_INTRA_OP_PARALLELISM(
            "tensorflow_intra_op_parallelism", Kind.NUMBER, "0", Use.APPLIED, "the same; it goes before the other"),
    ENABLE_MODEL_WARMUP(
            "enable_model_warmup",
            Kind.SWITCH,
            "true",
            Use.APPLIED,
            "whether recorded requests are run; made-up ones always are, as they prove that calls may be joined"),
    NUM_REQUEST_ITERATIONS_FOR_WARMUP(
            "num_request_iterations_for_warmup", Kind.NUMBER, "1", Use.APPLIED, "how often each recorded request"),

    // How calls are joined.
    ENABLE_BATCHING(
            "enable_batching",
            Kind.SWITCH,
            "false",
            Use.APPLIED,
            "joins with TensorFlow Serving's sizes; without it Turnout joins by its own defaults, and never waits for it"),
    BATCHING_PARAMETERS_FILE(
            "batching_parameters_file",
            Kind.TEXT,
            "",
            Use.APPLIED,
            "a text BatchingParameters; needs --enable_batching"),

    // What is shown.
    MONITORING_CONFIG_FILE(
            "monitoring_config_file",
            Kind.TEXT,
            "",
            Use.APPLIED,
            "a text MonitoringConfig: its path shows what /metrics shows, with TensorFlow Serving's names too"),
    VERSION("version", Kind.SWITCH, "false", Use.APPLIED, "prints the version and ends"),
    HELP("help", Kind.SWITCH, "false", Use.APPLIED, "prints this and ends"),

    // Turnout's own.
    TURNOUT_ADMIN(
            "turnout_admin", Kind.TEXT, "off", Use.APPLIED, "not TensorFlow Serving's: address of the admin port"),
    TURNOUT_REPOSITORY_CONTROL(
            "turnout_repository_control",
            Kind.SWITCH,
            "false",
            Use.APPLIED,
            "not TensorFlow Serving's: whether any client may reload the list of models, as it may there"),

    // Accepted, and of no consequence.
    TENSORFLOW_INTER_OP_PARALLELISM(
            "tensorflow_inter_op_parallelism",
            Kind.NUMBER,
            "0",
            Use.NO_EFFECT,
            "the thread that runs a batch does the work between operations"),
    REST_API_NUM_THREADS(
            "rest_api_num_threads",
            Kind.NUMBER,
            "0",
            Use.NO_EFFECT,
            "no thread waits for a call, so there is no such pool"),
    GRPC_MAX_THREADS(
            "grpc_max_threads",
            Kind.NUMBER,
            "0",
            Use.NO_EFFECT,
            "no thread waits for a call, so there is no such pool"),
    GRPC_CHANNEL_ARGUMENTS(
            "grpc_channel_arguments", Kind.TEXT, "", Use.NO_EFFECT, "they are settings of another gRPC library"),
    NUM_UNLOAD_THREADS(
            "num_unload_threads",
            Kind.NUMBER,
            "0",
            Use.NO_EFFECT,
            "versions are unloaded by the threads that load them"),
    FLUSH_FILESYSTEM_CACHES(
            "flush_filesystem_caches", Kind.SWITCH, "true", Use.NO_EFFECT, "the file system's cache is left alone"),
    REMOVE_UNUSED_FIELDS_FROM_BUNDLE_METAGRAPH(
            "remove_unused_fields_from_bundle_metagraph",
            Kind.SWITCH,
            "true",
            Use.NO_EFFECT,
            "only what is needed of a graph's description is ever kept"),
    ENABLE_SIGNATURE_METHOD_NAME_CHECK(
            "enable_signature_method_name_check",
            Kind.SWITCH,
            "false",
            Use.NO_EFFECT,
            "classify and regress always check it, predict never does"),
    ENABLE_SERIALIZATION_AS_TENSOR_CONTENT(
            "enable_serialization_as_tensor_content",
            Kind.SWITCH,
            "false",
            Use.NO_EFFECT,
            "answers hold typed lists, which every client reads"),
    ENFORCE_SESSION_RUN_TIMEOUT(
            "enforce_session_run_timeout", Kind.SWITCH, "true", Use.NO_EFFECT, "deadlines are always kept"),
    THREAD_POOL_FACTORY_CONFIG_FILE(
            "thread_pool_factory_config_file", Kind.TEXT, "", Use.NO_EFFECT, "sessions share one pool of the backend"),
    NUM_TFLITE_POOLS("num_tflite_pools", Kind.NUMBER, "1", Use.NO_EFFECT, "there is no TensorFlow Lite here"),
    NUM_TFLITE_INTERPRETERS_PER_POOL(
            "num_tflite_interpreters_per_pool", Kind.NUMBER, "1", Use.NO_EFFECT, "there is no TensorFlow Lite here"),
    SKIP_INITIALIZE_TPU("skip_initialize_tpu", Kind.SWITCH, "false", Use.NO_EFFECT, "there are no TPUs here"),

    // Refused, because somebody relies on what they do.
    ENABLE_PROFILER(
            "enable_profiler",
            Kind.SWITCH,
            "false",
            Use.REFUSED,
            "the profiler service would be open to every client; profile with the tools of the JVM"),
    GRPC_SOCKET_PATH("grpc_socket_path", Kind.TEXT, "", Use.REFUSED, "listen on --port instead of a Unix socket"),
    PLATFORM_CONFIG_FILE(
            "platform_config_file",
            Kind.TEXT,
            "",
            Use.REFUSED,
            "say batching by --batching_parameters_file, and options of a backend in the model's model.yaml"),
    ENABLE_PER_MODEL_BATCHING_PARAMETERS(
            "enable_per_model_batching_parameters",
            Kind.SWITCH,
            "false",
            Use.REFUSED,
            "write a batching section in the model.yaml of each model instead"),
    TENSORFLOW_SESSION_CONFIG_FILE(
            "tensorflow_session_config_file",
            Kind.TEXT,
            "",
            Use.REFUSED,
            "threads are set by --tensorflow_intra_op_parallelism; nothing else of a session can be set"),
    PER_PROCESS_GPU_MEMORY_FRACTION(
            "per_process_gpu_memory_fraction",
            Kind.DECIMAL,
            "0",
            Use.REFUSED,
            "a share of a GPU cannot be kept free for other processes"),
    XLA_CPU_COMPILATION_ENABLED(
            "xla_cpu_compilation_enabled",
            Kind.SWITCH,
            "false",
            Use.REFUSED,
            "export the model with jit_compile instead"),
    XLA_GPU_COMPILATION_ENABLED(
            "xla_gpu_compilation_enabled",
            Kind.SWITCH,
            "false",
            Use.REFUSED,
            "export the model with jit_compile instead"),
    MIXED_PRECISION("mixed_precision", Kind.TEXT, "", Use.REFUSED, "export the model in that precision instead"),
    PREFER_TFLITE_MODEL(
            "prefer_tflite_model", Kind.SWITCH, "false", Use.REFUSED, "serve the SavedModel, or the model as ONNX"),
    USE_ALTS_CREDENTIALS("use_alts_credentials", Kind.SWITCH, "false", Use.REFUSED, "there is no ALTS here");

    /** What a flag takes. */
    enum Kind {
        /** {@code --name}, {@code --noname}, {@code --name=true}. */
        SWITCH("true or false"),
        NUMBER("a whole number"),
        DECIMAL("a number"),
        TEXT("a text");

        private final String expected;

        Kind(String expected) {
            this.expected = expected;
        }

        String expected() {
            return expected;
        }
    }

    /** What becomes of a flag. */
    enum Use {
        /** It does what it does in TensorFlow Serving. */
        APPLIED,
        /** It is accepted with a warning. */
        NO_EFFECT,
        /** Any other value than the default stops the start. */
        REFUSED
    }

    private final String word;
    private final Kind kind;
    private final String absent;
    private final Use use;
    private final String note;

    Flag(String word, Kind kind, String absent, Use use, String note) {
        this.word = word;
        this.kind = kind;
        this.absent = absent;
        this.use = use;
        this.note = note;
    }

    /** Its name without dashes. */
    String word() {
        return word;
    }

    Kind kind() {
        return kind;
    }

    /** What holds where it is not given. */
    String absent() {
        return absent;
    }

    Use use() {
        return use;
    }

    /** What it does, why it does nothing, or what to do instead. */
    String note() {
        return note;
    }

    @Override
    public String toString() {
        return "--" + word;
    }

    static Optional<Flag> named(String word) {
        return Arrays.stream(values()).filter(flag -> flag.word.equals(word)).findFirst();
    }

    static List<String> words() {
        return Arrays.stream(values()).map(Flag::word).toList();
    }
}
