package turnout.gateway.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/** What the dialects and the admin API may read of models. Safe for any thread, never blocks: answers from a snapshot. */
public interface Catalog {
    /** That model, empty if it is not served. */
    Optional<ModelStatus> model(String name);

    /** All models, by name. */
    List<ModelStatus> models();

    /** What lies in the repository and is not served, since a reload left it out: numbers of versions by model. */
    SortedMap<String, SortedSet<Long>> unserved();

    /** Whether every version wanted at the start is available or has ended, and the server is not draining. */
    boolean isReady();
}
