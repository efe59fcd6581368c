package turnout.gateway.source;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * The whole repository as found at one look.
 *
 * @param models by name
 * @param others what lies in the repository but is not served, since somebody named what is: numbers of versions by model
 * @param problem why the repository could not be read at all: then the models say nothing, and what is served stays
 */
public record Listing(
        SortedMap<String, ModelListing> models, SortedMap<String, SortedSet<Long>> others, Optional<String> problem) {
    public Listing {
        models = Collections.unmodifiableSortedMap(new TreeMap<>(models));
        others = Collections.unmodifiableSortedMap(new TreeMap<>(others));
    }

    /** A repository that could not be read. */
    static Listing failed(String problem) {
        return new Listing(Collections.emptySortedMap(), Collections.emptySortedMap(), Optional.of(problem));
    }
}
