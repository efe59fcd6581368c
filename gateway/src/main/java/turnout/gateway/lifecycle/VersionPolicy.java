package turnout.gateway.lifecycle;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;

/** Says the one thing to do next about a model's versions. A pure function of what is wanted and what is there. */
final class VersionPolicy {
    private VersionPolicy() {}

    /** What to do next, empty when there is nothing to do until something changes. */
    static Optional<Action> next(PolicyKind kind, Collection<Facts> versions) {
        return switch (kind) {
            case AVAILABILITY_PRESERVING -> availabilityPreserving(versions);
            case RESOURCE_PRESERVING -> resourcePreserving(versions);
        };
    }

    private static Optional<Action> availabilityPreserving(Collection<Facts> versions) {
        boolean replaced = versions.stream().noneMatch(Facts::aspired)
                || versions.stream().anyMatch(v -> v.aspired && v.state == State.AVAILABLE);
        if (replaced) {
            Optional<Action> unload = unload(versions);
            if (unload.isPresent()) {
                return unload;
            }
        }
        return load(versions);
    }

    private static Optional<Action> resourcePreserving(Collection<Facts> versions) {
        Optional<Action> unload = unload(versions);
        if (unload.isPresent()) {
            return unload;
        }
        boolean leaving = versions.stream().anyMatch(v -> !v.aspired && v.state != State.END && v.state != State.START);
        return leaving ? Optional.empty() : load(versions);
    }

    /** The lowest version goes first: it is the one that calls miss least. */
    private static Optional<Action> unload(Collection<Facts> versions) {
        return lowest(versions, v -> !v.aspired && v.state == State.AVAILABLE)
                .map(v -> new Action(Verb.UNLOAD, v.number));
    }

    /** The highest version comes first: it is the one that calls want most. */
    private static Optional<Action> load(Collection<Facts> versions) {
        return versions.stream()
                .filter(v -> v.aspired && v.state == State.START)
                .max(Comparator.comparingLong(Facts::number))
                .map(v -> new Action(Verb.LOAD, v.number));
    }

    private static Optional<Facts> lowest(Collection<Facts> versions, Predicate<Facts> which) {
        return versions.stream().filter(which).min(Comparator.comparingLong(Facts::number));
    }

    /** What to do. */
    enum Verb {
        LOAD,
        UNLOAD
    }

    /** One thing to do. */
    record Action(Verb verb, long number) {}

    /**
     * One version.
     *
     * @param aspired whether it should be served
     * @param state where it is
     */
    record Facts(long number, boolean aspired, State state) {}
}
