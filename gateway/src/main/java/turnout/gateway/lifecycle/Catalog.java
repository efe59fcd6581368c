package turnout.gateway.lifecycle;

import java.util.List;
import java.util.Optional;

/** What the dialects and the admin API may read of models. Safe for any thread, never blocks: answers from a snapshot. */
public interface Catalog {
    /** That model, empty if it is not served. */
    Optional<ModelStatus> model(String name);

    /** All models, by name. */
    List<ModelStatus> models();

    /** Whether every version wanted at the start is available or has ended, and the server is not draining. */
    boolean isReady();
}
