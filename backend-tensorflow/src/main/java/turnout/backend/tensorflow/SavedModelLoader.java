package turnout.backend.tensorflow;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorProto;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;
import turnout.spi.ResourceEstimate;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Ticker;

/** Loads one SavedModel: reads and judges its graph first, then lets TensorFlow have it. */
final class SavedModelLoader implements Loader {
    /** A frozen graph's weights are held as message, as graph, and in each compiled executor; twice more while they are copied. */
    private static final long GRAPH_FACTOR = 6;
    /** Variables are read into a buffer, then into their own memory. */
    private static final long DATA_FACTOR = 2;

    private static final long OVERHEAD = 4L << 20;

    /** Calls under way at once; more than a device ever grants turns. */
    private static final int LEAST_SLOTS = 16;

    private final LoadRequest request;
    private final TensorFlowOptions options;
    private final RunWatch watch;
    private final Ticker ticker;
    private final int cores;
    private @Nullable ResourceEstimate estimate;
    private @Nullable Loaded loaded;

    SavedModelLoader(LoadRequest request, RunWatch watch, Ticker ticker, int cores) {
        this.request = request;
        this.options = TensorFlowOptions.of(request.options());
        this.watch = watch;
        this.ticker = ticker;
        this.cores = cores;
    }

    @Override
    public ResourceEstimate estimate() {
        if (estimate == null) {
            ModelFiles files = new ModelFiles(request.location());
            long weights = GRAPH_FACTOR * files.graphBytes() + DATA_FACTOR * files.dataBytes() + OVERHEAD;
            estimate = new ResourceEstimate(weights, request.device().isCpu() ? 0 : weights);
        }
        return estimate;
    }

    @Override
    public Servable load() {
        ModelFiles files = new ModelFiles(request.location());
        MetaGraph graph = files.graph(options.tags());
        Set<String> refused = new OpPolicy(options.trust()).refused(graph);
        if (!refused.isEmpty()) {
            throw new InferenceException(
                    ErrorCode.MODEL_FAILED,
                    "the graph has operations that are not safe: " + String.join(", ", refused)
                            + "; name them under trust to allow them");
        }
        Map<String, Signature> signatures = Signatures.of(request.version().toString(), graph.signatures());
        files.requireVariablesOf(graph);
        NativeSession session = NativeSession.ofSavedModel(request.location(), options.tags(), config());
        Loaded fresh = open(session);
        try {
            Servable servable = bind(fresh, graph, signatures);
            loaded = fresh;
            return servable;
        } catch (RuntimeException e) {
            fresh.close();
            throw e;
        }
    }

    private Loaded open(NativeSession session) {
        try {
            Tripwire tripwire = new Tripwire(session, Math.max(LEAST_SLOTS, 2 * cores));
            return new Loaded(session, tripwire, new LinkedHashMap<>());
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private Servable bind(Loaded fresh, MetaGraph graph, Map<String, Signature> signatures) {
        signatures.forEach((name, signature) -> {
            SignatureDef definition = graph.signatures().getOrDefault(name, SignatureDef.getDefaultInstance());
            Map<String, TensorProto> defaults = definition.getDefaultsMap();
            fresh.bound().put(name, new BoundSignature(signature, defaults, fresh.session(), fresh.tripwire()));
        });
        fresh.tripwire().open();
        boolean copyInputs = !OpPolicy.keepers(graph).isEmpty();
        return new TensorFlowServable(
                signatures, fresh.bound(), fresh.session(), fresh.tripwire(), watch, ticker, copyInputs);
    }

    @Override
    public void unload() {
        Loaded gone = loaded;
        loaded = null;
        if (gone != null) {
            gone.close();
        }
    }

    private ConfigProto config() {
        ConfigProto.Builder config = processConfig(cores);
        if (request.device().isCpu()) {
            config.putDeviceCount("GPU", 0);
        }
        return config.build();
    }

    /**
     * Settings common to all sessions. A call runs in the thread that brings it: with pools of its own each session would hold threads, and
     * with the shared pool a slow model would hold up all others.
     */
    static ConfigProto.Builder processConfig(int cores) {
        return ConfigProto.newBuilder()
                .setAllowSoftPlacement(true)
                .setInterOpParallelismThreads(-1)
                .setIntraOpParallelismThreads(cores)
                .setGpuOptions(GPUOptions.newBuilder().setAllowGrowth(true));
    }

    /** What native code holds for this version. */
    private record Loaded(NativeSession session, Tripwire tripwire, Map<String, BoundSignature> bound) {
        void close() {
            bound.values().forEach(BoundSignature::close);
            tripwire.close();
            session.close();
        }
    }
}
