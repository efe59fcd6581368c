package turnout.backend.tensorflow;

import java.util.List;
import java.util.Set;
import turnout.spi.OptionException;
import turnout.spi.Options;

/**
 * The {@code tensorflow} section of a {@code model.yaml}.
 *
 * <p>There is no {@code intra-op-threads}: TensorFlow has one pool for the work inside operations, shared by all sessions of the process
 * and sized by the first, so a number per model would be a lie. Its size is the cores that the gateway lends.
 *
 * @param interOpThreads threads that run independent operations of one call side by side, owned by the session; 0 = none, the calling
 *     thread does it all, which costs a session no thread and a call no hand-over
 * @param tags which graph of the SavedModel to load: the one with exactly these tags
 * @param trust operations allowed by name though {@link OpPolicy} would refuse them
 */
record TensorFlowOptions(int interOpThreads, Set<String> tags, Set<String> trust) {
    static final Set<String> KEYS = Set.of("inter-op-threads", "tags", "trust");
    private static final int MOST_THREADS = 256;

    TensorFlowOptions {
        tags = Set.copyOf(tags);
        trust = Set.copyOf(trust);
    }

    /** @throws OptionException naming the key at fault */
    static TensorFlowOptions of(Options options) {
        options.allowOnly(KEYS);
        List<String> tags = options.texts("tags");
        if (options.has("tags") && tags.isEmpty()) {
            throw new OptionException(options.nameOf("tags"), "must name at least one tag; leave it out for [serve]");
        }
        return new TensorFlowOptions(
                options.integer("inter-op-threads", 0, 0, MOST_THREADS),
                tags.isEmpty() ? Set.of("serve") : Set.copyOf(tags),
                Set.copyOf(options.texts("trust")));
    }
}
