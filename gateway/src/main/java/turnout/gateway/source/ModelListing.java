package turnout.gateway.source;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One model's directory as found at one look.
 *
 * @param model its name
 * @param versions those that stand still, by number
 * @param config its {@code model.yaml}, if there is one
 * @param problems sentences on what was ignored or could not be read
 */
public record ModelListing(
        String model, SortedMap<Long, VersionFiles> versions, Optional<ConfigFile> config, List<String> problems) {
    public ModelListing {
        versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
        problems = List.copyOf(problems);
    }

    /** A model of which nothing could be found. */
    public static ModelListing nothing(String model, String problem) {
        return new ModelListing(model, Collections.emptySortedMap(), Optional.empty(), List.of(problem));
    }

    /**
     * A {@code model.yaml}; equal to an earlier one when it need not be read again.
     *
     * @param file its real path
     * @param bytes its size
     * @param modified when it was changed
     */
    public record ConfigFile(Path file, long bytes, FileTime modified) {}
}
