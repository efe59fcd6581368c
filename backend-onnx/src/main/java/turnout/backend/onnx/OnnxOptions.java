package turnout.backend.onnx;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.util.Set;
import turnout.spi.OptionException;
import turnout.spi.Options;

/**
 * The section {@code onnx:} of a {@code model.yaml}.
 *
 * @param intraOpThreads threads of the session's own that work on one operator; 0 = as the gateway decides
 * @param optimizationLevel how far the graph is rewritten while loading
 * @param memoryPattern whether the runtime remembers, for each combination of input shapes, how to place its buffers: a little faster where
 *     few shapes come, but it never forgets one
 */
record OnnxOptions(int intraOpThreads, OptLevel optimizationLevel, boolean memoryPattern) {
    private static final String INTRA_OP_THREADS = "intra-op-threads";
    private static final String OPTIMIZATION_LEVEL = "optimization-level";
    private static final String MEMORY_PATTERN = "memory-pattern";

    static OnnxOptions of(Options options) {
        options.allowOnly(Set.of(INTRA_OP_THREADS, OPTIMIZATION_LEVEL, MEMORY_PATTERN));
        return new OnnxOptions(
                options.integer(INTRA_OP_THREADS, 0, 0, 1024),
                level(options.nameOf(OPTIMIZATION_LEVEL), options.text(OPTIMIZATION_LEVEL, "all")),
                // Off unless asked for: shapes come from clients, and a memory that grows with each new one is theirs
                // to fill.
                options.flag(MEMORY_PATTERN, false));
    }

    private static OptLevel level(String key, String value) {
        return switch (value) {
            case "all" -> OptLevel.ALL_OPT;
            case "extended" -> OptLevel.EXTENDED_OPT;
            case "basic" -> OptLevel.BASIC_OPT;
            case "none" -> OptLevel.NO_OPT;
            default -> throw new OptionException(key, "expected all, extended, basic or none, got " + value);
        };
    }
}
