package turnout.gateway.call;

import org.jspecify.annotations.Nullable;
import turnout.spi.ModelVersion;

/**
 * What happened to one call. Response headers, metrics, the access log and statistics all read it, on errors too.
 *
 * <p>Written and read on the call's own context only.
 */
public final class CallRecord {
    private final String requestId;
    private final long startNanos;

    private Task task = Task.PREDICT;
    private @Nullable ModelVersion version;
    private @Nullable String arm;
    private CacheOutcome cache = CacheOutcome.OFF;
    private RunFacts run = RunFacts.NONE;
    private long rows;
    private @Nullable Refusal refusal;

    /**
     * @param requestId the caller's own id, or one made for it
     * @param startNanos when its head arrived
     */
    public CallRecord(String requestId, long startNanos) {
        this.requestId = requestId;
        this.startNanos = startNanos;
    }

    /** The door found out what is asked. */
    public void asks(Task asked) {
        task = asked;
    }

    /** Routing found its target. */
    public void routed(ModelVersion target, String targetArm) {
        version = target;
        arm = targetArm;
    }

    /** Binding counted its rows. */
    public void bound(long boundRows) {
        rows = boundRows;
    }

    /** The cache did this for it. */
    public void cached(CacheOutcome outcome) {
        cache = outcome;
    }

    /** A run answered it. */
    public void ran(RunFacts facts) {
        run = facts;
    }

    /** It was refused. */
    public void refused(Refusal reason) {
        refusal = reason;
    }

    public String requestId() {
        return requestId;
    }

    public long startNanos() {
        return startNanos;
    }

    /** What is asked of the model. */
    public Task task() {
        return task;
    }

    /** The version it was routed to, null if routing found none. */
    public @Nullable ModelVersion version() {
        return version;
    }

    /** The arm it was dealt to, null if routing found none. */
    public @Nullable String arm() {
        return arm;
    }

    public CacheOutcome cache() {
        return cache;
    }

    public RunFacts run() {
        return run;
    }

    /** Rows of its inputs, 0 if they were never bound. */
    public long rows() {
        return rows;
    }

    /** Why it was refused, null if it was answered (or is under way). */
    public @Nullable Refusal refusal() {
        return refusal;
    }

    /** What can be asked of a model, with TensorFlow Serving's names for it. */
    public enum Task {
        PREDICT("predict", "Predict"),
        CLASSIFY("classify", "Classify"),
        REGRESS("regress", "Regress"),
        MULTI_INFERENCE("multi_inference", "MultiInference");

        private final String restName;
        private final String rpcName;

        Task(String restName, String rpcName) {
            this.restName = restName;
            this.rpcName = rpcName;
        }

        /** In addresses. */
        public String restName() {
            return restName;
        }

        /** In gRPC. */
        public String rpcName() {
            return rpcName;
        }
    }
}
