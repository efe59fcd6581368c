package turnout.gateway.lifecycle;

import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the dialects may ask to be changed (where the configuration allows it). Every future fails with {@link ControlException} only and
 * completes on the calling context.
 */
public interface ModelControl {
    /**
     * Looks at the model's directory now and loads what its policy wants, even if it was unloaded before; a version that is loaded already
     * is loaded anew only if its files changed. Completes when the model has an available version and nothing is being loaded; fails when
     * no version could be loaded.
     */
    Future<Void> load(String model);

    /** Unloads every version and keeps the model unloaded until {@link #load}. Completes when all are unloaded. */
    Future<Void> unload(String model);

    /**
     * Replaces the set of served models, as TensorFlow Serving's reload does: models left out are unloaded. Completes when every newly
     * named model has an available version (or all of its versions ended).
     */
    Future<Void> reload(List<ServedModel> models);

    /**
     * One model of a reload.
     *
     * @param name its name
     * @param basePath directory that holds its versions
     * @param platform as the caller wrote it, null to ask the backends
     * @param policy which versions, null to leave it to the model's own file
     * @param labels by name, none to leave them to the model's own file
     */
    record ServedModel(
            String name,
            Path basePath,
            @Nullable String platform,
            @Nullable VersionChoice policy,
            Map<String, Long> labels) {
        public ServedModel {
            labels = Map.copyOf(labels);
        }
    }
}
