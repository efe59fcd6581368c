package turnout.gateway.lifecycle;

import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import turnout.gateway.source.ModelListing;
import turnout.gateway.source.VersionFiles;
import turnout.spi.ModelVersion;

/**
 * What is wanted of one model: what its directory and its file say, and what callers said over it. Every change says whether there was one.
 * Owned by the control thread.
 */
final class Wanted {
    private static final String GONE = "its directory is gone";

    private final String model;
    private ModelListing listing;
    private @Nullable ModelConfig config;
    private @Nullable String configProblem;
    private ModelControl.@Nullable ServedModel served;
    private boolean emptyOnPurpose;
    private boolean removed;

    Wanted(String model) {
        this.model = model;
        this.listing = ModelListing.nothing(model, "it was not looked at yet");
    }

    /** What the source and its configuration file say now. */
    boolean observe(Lookout.Seen seen) {
        boolean same = listing.equals(seen.listing()) && seen.reading() == null && !removed;
        listing = seen.listing();
        removed = false;
        if (seen.reading() instanceof ModelConfigReader.Reading.Good good) {
            config = good.config();
            configProblem = null;
        } else if (seen.reading() instanceof ModelConfigReader.Reading.Bad bad) {
            configProblem = bad.problem();
        }
        return !same;
    }

    /** The source does not know it any more. */
    boolean vanish() {
        if (isGone()) {
            return false;
        }
        listing = ModelListing.nothing(model, GONE);
        return true;
    }

    /** A reload said what to serve of it. */
    void serve(ModelControl.ServedModel instead) {
        served = instead;
        emptyOnPurpose = false;
    }

    /** A reload left it out. */
    void remove() {
        removed = true;
        served = null;
    }

    /** Somebody asked for it to be loaded. */
    void load() {
        emptyOnPurpose = false;
    }

    /** Somebody asked for it to be unloaded. */
    void unload() {
        emptyOnPurpose = true;
    }

    ModelListing listing() {
        return listing;
    }

    /** The file's configuration in force, null if there never was a good one. */
    @Nullable
    ModelConfig config() {
        return config;
    }

    /** What is wrong with the file as it is now, null if nothing is. */
    @Nullable
    String configProblem() {
        return configProblem;
    }

    boolean isEmptyOnPurpose() {
        return emptyOnPurpose;
    }

    boolean isRemoved() {
        return removed;
    }

    /** Whether nothing says any more that there is such a model. */
    boolean isOver() {
        return removed || (listing.versions().isEmpty() && isGone());
    }

    /** The configuration with what a reload said over it. */
    ModelConfig inForce() {
        ModelConfig base = config == null ? ModelConfig.DEFAULT : config;
        return served == null ? base : base.withServed(served.platform(), served.policy(), served.labels());
    }

    /**
     * Versions that should be served.
     *
     * @param routed versions that routing needs
     * @param available versions that take calls
     */
    NavigableSet<Long> aspired(Set<Long> routed, NavigableSet<Long> available) {
        if (removed || emptyOnPurpose || config == null) {
            return new TreeSet<>();
        }
        NavigableSet<Long> existing = new TreeSet<>(listing.versions().keySet());
        return AspiredVersions.of(inForce(), existing, routed, available);
    }

    /** How those files would be loaded now. */
    VersionLoading.Order order(VersionFiles files) {
        ModelConfig inForce = inForce();
        return new VersionLoading.Order(
                new ModelVersion(model, files.number()), files, inForce.platform(), inForce.load());
    }

    private boolean isGone() {
        return listing.problems().contains(GONE);
    }
}
