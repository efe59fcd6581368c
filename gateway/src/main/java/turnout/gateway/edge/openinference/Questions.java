package turnout.gateway.edge.openinference;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.StatisticsSource;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.call.VersionStatistics;
import turnout.gateway.call.VersionStatistics.Times;
import turnout.gateway.edge.Services;
import turnout.gateway.lifecycle.ModelStatus;
import turnout.gateway.lifecycle.State;
import turnout.gateway.lifecycle.VersionStatus;
import turnout.spi.DataType;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;

/** What clients may ask besides inference, answered as facts that both transports write down. */
final class Questions {
    static final String SERVER_NAME = "turnout";

    static final List<String> EXTENSIONS = List.of(
            "classification",
            "model_repository",
            "model_configuration",
            "binary_tensor_data",
            "parameters",
            "statistics");

    private static final String UNLOADED = "unloaded";

    private final Models models;
    private final StatisticsSource statistics;
    private final String serverVersion;

    Questions(Models models, Services services) {
        this.models = models;
        this.statistics = services.statistics();
        this.serverVersion = services.version();
    }

    /**
     * What a model looks like.
     *
     * @param name its name
     * @param versions numbers of the versions that take calls, or of the one that was asked for
     * @param platform its backend's platform
     * @param signature its inputs and outputs
     */
    record Metadata(String name, List<String> versions, String platform, Signature signature) {}

    /** One line of the repository's index. */
    record IndexEntry(String name, String version, String state, String reason) {}

    boolean isServerReady() {
        return models.catalog().isReady();
    }

    String serverVersion() {
        return serverVersion;
    }

    boolean isReady(String name, VersionSelector selector) {
        return models.isReady(name, selector);
    }

    List<String> modelNames() {
        return models.catalog().models().stream().map(ModelStatus::name).toList();
    }

    Metadata metadata(String name, VersionSelector selector) {
        ModelStatus model = models.model(name);
        VersionStatus version = models.version(model, selector);
        List<String> versions = models.available(model, selector).stream()
                .map(v -> Long.toString(v.version().number()))
                .toList();
        return new Metadata(name, versions, version.platform(), Models.signature(version));
    }

    /** Counters of every version that takes calls; of all models for an empty name. */
    List<VersionStatistics> statistics(String name, VersionSelector selector) {
        List<VersionStatistics> rows = new ArrayList<>();
        if (name.isEmpty()) {
            for (ModelStatus model : models.catalog().models()) {
                model.available().forEach(version -> rows.add(row(version)));
            }
            return rows;
        }
        try {
            models.available(models.model(name), selector).forEach(version -> rows.add(row(version)));
        } catch (RefusedException e) {
            throw Asked.malformed("requested model '" + Asked.shown(name) + "' is not available");
        }
        return rows;
    }

    List<IndexEntry> index(boolean onlyReady) {
        List<IndexEntry> entries = new ArrayList<>();
        for (ModelStatus model : models.catalog().models()) {
            for (VersionStatus version : model.versions()) {
                if (!onlyReady || version.isAvailable()) {
                    entries.add(entry(version));
                }
            }
            if (model.versions().isEmpty() && !onlyReady) {
                String reason = model.conditions().stream().findFirst().orElse("it has no versions");
                entries.add(new IndexEntry(model.name(), "", state(State.END), reason));
            }
        }
        if (!onlyReady) {
            models.catalog().unserved().forEach((name, versions) -> entries.addAll(unserved(name, versions)));
        }
        return entries;
    }

    /** One that a reload left out reads as one that was unloaded by name. */
    private static List<IndexEntry> unserved(String name, SortedSet<Long> versions) {
        return versions.isEmpty()
                ? List.of(new IndexEntry(name, "", state(State.END), UNLOADED))
                : versions.stream()
                        .map(version -> new IndexEntry(name, Long.toString(version), state(State.END), UNLOADED))
                        .toList();
    }

    /** The name of a type in a model's configuration, which has its own spelling. */
    static String configType(DataType type) {
        return "TYPE_" + (type == DataType.BYTES ? "STRING" : type.name());
    }

    private VersionStatistics row(VersionStatus version) {
        return statistics.of(version.version()).orElseGet(() -> untouched(version.version()));
    }

    private static VersionStatistics untouched(ModelVersion version) {
        Times none = new Times(0, 0);
        return new VersionStatistics(
                version, 0, 0, 0, none, none, none, none, none, none, none, none, new TreeMap<>(Map.of()));
    }

    private static IndexEntry entry(VersionStatus version) {
        VersionStatus.Failure failure = version.failure();
        String reason = failure != null ? failure.message() : version.state() == State.END ? UNLOADED : "";
        return new IndexEntry(
                version.version().model(), Long.toString(version.version().number()), state(version.state()), reason);
    }

    private static String state(State state) {
        return switch (state) {
            case START -> "UNKNOWN";
            case LOADING -> "LOADING";
            case AVAILABLE -> "READY";
            case UNLOADING -> "UNLOADING";
            case END -> "UNAVAILABLE";
        };
    }
}
