package turnout.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import org.jspecify.annotations.Nullable;
import turnout.spi.BackendContext;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;
import turnout.spi.ResourceEstimate;
import turnout.spi.Servable;

/** Loads one version. */
final class OnnxLoader implements Loader {
    // While loading, the weights are there as the parsed file, as the runtime's own copies and, for some operators,
    // packed for the
    // processor. Not counted: what a run needs, and graphs that compute large constants out of small ones.
    private static final long COPIES_OF_WEIGHTS = 3;
    // Beside the weights: a thousand sessions over next to none took 0.3 MiB each. Much more than that, and a budget is
    // used up by models that are not there.
    private static final long SESSION_BYTES = 1L << 20;

    private final LoadRequest request;
    private final OnnxOptions options;
    private final ModelFiles files;
    private final OrtEnvironment environment;
    private final OrtTensors tensors;
    private final BackendContext context;
    private final DeadlineWatch deadlines;

    private long estimatedBytes = Long.MAX_VALUE;
    private @Nullable OrtSession session;

    OnnxLoader(
            LoadRequest request,
            OrtEnvironment environment,
            OrtTensors tensors,
            BackendContext context,
            DeadlineWatch deadlines) {
        this.request = request;
        this.options = OnnxOptions.of(request.options());
        this.files = new ModelFiles(request.version().toString(), request.location());
        this.environment = environment;
        this.tensors = tensors;
        this.context = context;
        this.deadlines = deadlines;
    }

    @Override
    public ResourceEstimate estimate() {
        // The least so far: files that are still being copied must not make it rise.
        estimatedBytes = Math.min(estimatedBytes, COPIES_OF_WEIGHTS * files.bytes() + SESSION_BYTES);
        return new ResourceEstimate(estimatedBytes, request.device().isCpu() ? 0 : estimatedBytes);
    }

    @Override
    public Servable load() {
        ModelScan scan = files.check();
        OrtSession loaded = null;
        try (SessionOptions sessionOptions = sessionOptions()) {
            loaded = environment.createSession(files.model().toString(), sessionOptions);
            SessionTensors declared = SessionTensors.of(loaded, scan, tensors.carriesWideUnsigned());
            OnnxServable servable = new OnnxServable(loaded, declared, tensors, context, deadlines);
            session = loaded;
            return servable;
        } catch (OrtException e) {
            throw OrtFailures.whileLoading(request.version().toString(), e);
        } finally {
            if (loaded != null && session == null) {
                close(loaded);
            }
        }
    }

    @Override
    public void unload() {
        OrtSession loaded = session;
        // The runtime's close throws the second time.
        session = null;
        if (loaded != null) {
            close(loaded);
        }
    }

    private SessionOptions sessionOptions() throws OrtException {
        SessionOptions sessionOptions = new SessionOptions();
        try {
            sessionOptions.setOptimizationLevel(options.optimizationLevel());
            sessionOptions.setMemoryPatternOptimization(options.memoryPattern());
            int threads = threads();
            if (threads > 0) {
                sessionOptions.setIntraOpNumThreads(threads);
                sessionOptions.setInterOpNumThreads(1);
                sessionOptions.addConfigEntry("session.intra_op.allow_spinning", "0");
            } else {
                sessionOptions.disablePerSessionThreads();
            }
            if (!request.device().isCpu()) {
                sessionOptions.addCUDA(request.device().index());
            }
            return sessionOptions;
        } catch (OrtException e) {
            sessionOptions.close();
            throw e;
        }
    }

    /** Threads of the session's own, the caller's included; 0 for the pool that all sessions share. */
    private int threads() {
        if (options.intraOpThreads() > 0) {
            return options.intraOpThreads();
        }
        return request.threadsPerRun() <= 1 ? 1 : 0;
    }

    private static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new InferenceException(ErrorCode.INTERNAL, "the session could not be freed", e);
        }
    }
}
