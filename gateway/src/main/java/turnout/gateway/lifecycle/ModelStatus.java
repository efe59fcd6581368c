package turnout.gateway.lifecycle;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One model as others see it.
 *
 * @param name its name
 * @param versions every version that was ever wanted since the model is served, ascending; ended ones are kept for a while
 * @param labels by name; a label may point at a version that is not available
 * @param defaultVersion where a call without version goes when there is no split; empty when nothing is available
 * @param weights the split in force, by version, empty when there is none
 * @param servesNothingOnPurpose true after an explicit unload
 * @param conditions sentences an operator should know ("traffic names version 3, which is not available: ...")
 */
public record ModelStatus(
        String name,
        List<VersionStatus> versions,
        Map<String, Long> labels,
        OptionalLong defaultVersion,
        Map<Long, Integer> weights,
        boolean servesNothingOnPurpose,
        List<String> conditions) {
    /** One that needs no comment. */
    public ModelStatus(
            String name,
            List<VersionStatus> versions,
            Map<String, Long> labels,
            OptionalLong defaultVersion,
            Map<Long, Integer> weights,
            boolean servesNothingOnPurpose) {
        this(name, versions, labels, defaultVersion, weights, servesNothingOnPurpose, List.of());
    }

    /** That version, empty if it was never wanted. */
    public Optional<VersionStatus> version(long number) {
        return versions.stream().filter(v -> v.version().number() == number).findFirst();
    }

    /** The version that describes the model to a caller who names none: the default one. */
    public Optional<VersionStatus> shown() {
        return defaultVersion.isPresent() ? version(defaultVersion.getAsLong()) : Optional.empty();
    }

    /** Versions that take calls, ascending. */
    public List<VersionStatus> available() {
        return versions.stream().filter(VersionStatus::isAvailable).toList();
    }
}
