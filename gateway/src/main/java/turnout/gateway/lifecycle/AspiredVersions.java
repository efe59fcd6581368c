package turnout.gateway.lifecycle;

import java.util.Collection;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/** Which versions of a model should be served. A pure function of the configuration and of what exists. */
final class AspiredVersions {
    private AspiredVersions() {}

    /**
     * @param config the model's configuration
     * @param existing versions that the source offers
     * @param wanted versions that routing needs besides
     * @param available versions that take calls
     */
    static NavigableSet<Long> of(
            ModelConfig config, NavigableSet<Long> existing, Set<Long> wanted, NavigableSet<Long> available) {
        NavigableSet<Long> aspired = new TreeSet<>(chosen(config.versions(), existing));
        addExisting(aspired, existing, config.labels().values());
        addExisting(aspired, existing, wanted);
        for (VersionRef arm : config.traffic().keySet()) {
            addNumber(aspired, existing, arm);
        }
        VersionRef defaultVersion = config.defaultVersion();
        if (defaultVersion != null) {
            addNumber(aspired, existing, defaultVersion);
        }
        if (aspired.isEmpty() && config.keepLast() && !available.isEmpty()) {
            // An emptied directory is more often an accident than a wish to serve nothing.
            aspired.add(available.last());
        }
        return aspired;
    }

    private static NavigableSet<Long> chosen(VersionChoice choice, NavigableSet<Long> existing) {
        if (choice instanceof VersionChoice.All) {
            return existing;
        }
        NavigableSet<Long> chosen = new TreeSet<>();
        if (choice instanceof VersionChoice.Latest latest) {
            existing.stream()
                    .skip(Math.max(0, existing.size() - latest.count()))
                    .forEach(chosen::add);
            return chosen;
        }
        if (choice instanceof VersionChoice.Specific specific) {
            addExisting(chosen, existing, specific.numbers());
            return chosen;
        }
        throw new AssertionError(choice);
    }

    private static void addNumber(NavigableSet<Long> aspired, NavigableSet<Long> existing, VersionRef ref) {
        if (ref instanceof VersionRef.Exact exact) {
            addExisting(aspired, existing, Set.of(exact.number()));
        }
    }

    private static void addExisting(NavigableSet<Long> aspired, NavigableSet<Long> existing, Collection<Long> numbers) {
        numbers.stream().filter(existing::contains).forEach(aspired::add);
    }
}
