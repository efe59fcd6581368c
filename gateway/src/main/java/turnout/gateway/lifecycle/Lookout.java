package turnout.gateway.lifecycle;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.source.DirectorySource;
import turnout.gateway.source.Listing;
import turnout.gateway.source.ModelListing;

/**
 * Looks at directories and reads the configuration files that changed. Blocks on the disk; used by the lookout's thread only.
 */
final class Lookout {
    private static final Logger log = LoggerFactory.getLogger(Lookout.class);

    private final DirectorySource source;
    private final ModelConfigReader reader;
    private final Map<String, Optional<ModelListing.ConfigFile>> read = new HashMap<>();

    Lookout(DirectorySource source, ModelConfigReader reader) {
        this.source = source;
        this.reader = reader;
    }

    /** Everything. */
    Sighting look() {
        return sighting(source.look());
    }

    /** One model, as it is now; empty when there is no such model. */
    Optional<Seen> lookAt(String model) {
        return source.lookAt(model).map(listing -> {
            read.remove(model);
            return seen(listing);
        });
    }

    /** What would be found in those directories. */
    Map<String, ModelListing> tryOut(Map<String, Path> paths) {
        return source.tryOut(paths);
    }

    /** Those directories, which are served instead of the repository's from now on. */
    Sighting serve(Map<String, Path> paths) {
        return sighting(source.serve(paths));
    }

    private Sighting sighting(Listing listing) {
        SortedMap<String, Seen> models = new TreeMap<>();
        listing.models().forEach((model, found) -> models.put(model, seen(found)));
        if (listing.problem().isEmpty()) {
            read.keySet().retainAll(models.keySet());
        }
        return new Sighting(models, listing.others(), listing.problem());
    }

    private Seen seen(ModelListing listing) {
        String model = listing.model();
        if (listing.config().equals(read.get(model))) {
            return new Seen(listing, null);
        }
        read.put(model, listing.config());
        return new Seen(listing, read(model, listing.config().map(ModelListing.ConfigFile::file)));
    }

    /** A backend checks its own section: what it throws must not hide the other models. */
    private ModelConfigReader.Reading read(String model, Optional<Path> file) {
        try {
            return reader.read(model, file);
        } catch (RuntimeException | Error e) {
            log.error("the configuration of model {} could not be checked", model, e);
            return new ModelConfigReader.Reading.Bad(model + "/model.yaml: a backend broke while checking it");
        }
    }

    /**
     * One model.
     *
     * @param reading its configuration, null when that has not changed
     */
    record Seen(ModelListing listing, ModelConfigReader.@Nullable Reading reading) {}

    /**
     * All models.
     *
     * @param others what is not served: numbers of versions by model
     * @param problem why nothing could be seen
     */
    record Sighting(
            SortedMap<String, Seen> models, SortedMap<String, SortedSet<Long>> others, Optional<String> problem) {}
}
