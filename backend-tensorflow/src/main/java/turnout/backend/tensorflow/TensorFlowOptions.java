package turnout.backend.tensorflow;

import java.util.List;
import java.util.Set;
import turnout.spi.OptionException;
import turnout.spi.Options;

/**
 * The {@code tensorflow} section of a {@code model.yaml}.
 *
 * <p>There are no numbers of threads. TensorFlow has one pool for the work inside operations, shared by all sessions of the process and
 * sized by the first, so a number per model would be a lie; its size is the cores that the gateway lends. The work between operations is
 * done by the calling thread: a pool per session holds threads, is slower for all small models, and a run that fills it could no longer be
 * ended early (see {@link Tripwire}).
 *
 * @param tags which graph of the SavedModel to load: the one with exactly these tags
 * @param trust operations allowed by name though {@link OpPolicy} would refuse them
 */
record TensorFlowOptions(Set<String> tags, Set<String> trust) {
    static final Set<String> KEYS = Set.of("tags", "trust");

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
                tags.isEmpty() ? Set.of("serve") : Set.copyOf(tags), Set.copyOf(options.texts("trust")));
    }
}
