package turnout.gateway.lifecycle;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import turnout.gateway.source.ModelListing;
import turnout.spi.ErrorCode;
import turnout.spi.ModelVersion;

/**
 * Says how a model fares, from what its {@link ManagedModel} knows. Changes nothing; used on the control thread.
 *
 * @param wanted what should be there
 * @param slots versions that are wanted
 * @param retiring lives that go
 * @param ended versions that went
 */
record ModelReport(
        String name,
        Wanted wanted,
        Collection<Slot> slots,
        Collection<LoaderHarness> retiring,
        Collection<VersionStatus> ended) {
    /** Every version, ascending. */
    List<VersionStatus> versions() {
        SortedMap<Long, VersionStatus> versions = new TreeMap<>();
        ended.forEach(version -> versions.put(version.version().number(), version));
        String configProblem = wanted.configProblem();
        if (wanted.config() == null && configProblem != null) {
            VersionStatus.Failure failure = new VersionStatus.Failure(ErrorCode.MODEL_FAILED, configProblem);
            wanted.listing()
                    .versions()
                    .keySet()
                    .forEach(number -> versions.put(
                            number,
                            new VersionStatus(
                                    new ModelVersion(name, number), State.END, failure, "", Map.of(), List.of())));
        }
        retiring.forEach(harness -> versions.put(harness.version().number(), harness.status()));
        slots.forEach(slot -> versions.put(slot.number(), slot.current().status()));
        return List.copyOf(versions.values());
    }

    /** Why versions cannot answer, in a word or two; those that just went are as unknown as if they had never been. */
    static SortedMap<Long, String> reasons(List<VersionStatus> versions) {
        SortedMap<Long, String> reasons = new TreeMap<>();
        for (VersionStatus version : versions) {
            long number = version.version().number();
            switch (version.state()) {
                case START, LOADING -> reasons.put(number, "loading");
                case UNLOADING -> reasons.put(number, "unloading");
                case END -> {
                    if (version.failure() != null) {
                        reasons.put(number, "failed to load");
                    }
                }
                case AVAILABLE -> {}
            }
        }
        return reasons;
    }

    /** Sentences an operator should know, routing's last. */
    List<String> conditions(List<String> routed) {
        ModelListing listing = wanted.listing();
        String configProblem = wanted.configProblem();
        List<String> conditions = new ArrayList<>(listing.problems());
        if (configProblem != null) {
            conditions.add(
                    wanted.config() == null
                            ? "nothing is served: " + configProblem
                            : "an earlier model.yaml is still in force: " + configProblem);
        }
        for (Slot slot : slots) {
            if (slot.replacementProblem() != null) {
                conditions.add("version " + slot.number() + " could not be loaded anew and goes on as it was: "
                        + slot.replacementProblem());
            }
            if (slot.isAvailable() && !listing.versions().containsKey(slot.number())) {
                conditions.add("version " + slot.number() + " is kept although its directory is gone");
            }
        }
        conditions.addAll(routed);
        return conditions;
    }

    /** Why a load did not do what it was asked for, empty if it did. */
    Optional<String> loadProblem() {
        for (Slot slot : slots) {
            if (slot.replacementProblem() != null) {
                return Optional.of("version " + slot.number() + ": " + slot.replacementProblem());
            }
        }
        if (slots.stream().anyMatch(Slot::isAvailable)) {
            return Optional.empty();
        }
        List<String> problems = wanted.listing().problems();
        String nothing = problems.isEmpty() ? "it has no versions" : String.join("; ", problems);
        return Optional.of(versions().stream()
                .flatMap(version -> Optional.ofNullable(version.failure())
                        .map(failure -> "version " + version.version().number() + ": " + failure.message())
                        .stream())
                .reduce((lower, higher) -> higher)
                .orElse(nothing));
    }
}
