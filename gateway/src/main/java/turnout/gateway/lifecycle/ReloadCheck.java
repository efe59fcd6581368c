package turnout.gateway.lifecycle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Words;
import turnout.gateway.lifecycle.ControlException.Reason;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.gateway.source.ModelListing;

/** What must hold of a reload before anything is changed. The words are those that TensorFlow Serving's clients know. */
final class ReloadCheck {
    /** The only platform that TensorFlow Serving has, and demands: it says nothing about the files. */
    private static final String ANY_TENSORFLOW = "tensorflow";

    private ReloadCheck() {}

    /**
     * Checks the request alone.
     *
     * @return the same with platforms as the backends call them
     */
    static List<ServedModel> check(List<ServedModel> models, Predicate<String> platforms) {
        Set<String> names = new HashSet<>();
        List<ServedModel> checked = new ArrayList<>();
        for (ServedModel model : models) {
            if (model.name().isBlank()) {
                throw invalid("Illegal to list a model without a name in config list");
            }
            if (!names.add(model.name())) {
                throw invalid("Illegal to list model " + Words.cut(model.name()) + " multiple times in config list");
            }
            if (!model.basePath().isAbsolute()) {
                throw invalid("Expected model " + Words.cut(model.name())
                        + " to have an absolute path or URI; got base_path()="
                        + Words.cut(model.basePath().toString()));
            }
            checked.add(new ServedModel(
                    model.name(), model.basePath(), platform(model, platforms), model.policy(), model.labels()));
        }
        return checked;
    }

    /** Checks that labels point at versions that are available or will be. */
    static void checkLabels(
            List<ServedModel> models, Map<String, ModelListing> found, BiPredicate<String, Long> available) {
        for (ServedModel model : models) {
            ModelListing listing = found.get(model.name());
            model.labels().values().stream()
                    .filter(version -> listing == null || !listing.versions().containsKey(version))
                    .filter(version -> !available.test(model.name(), version))
                    .sorted()
                    .findFirst()
                    .ifPresent(version -> {
                        throw new ControlException(
                                Reason.PRECONDITION,
                                "Request to assign label to version " + version + " of model " + Words.cut(model.name())
                                        + ", which is not currently available for inference");
                    });
        }
    }

    private static @Nullable String platform(ServedModel model, Predicate<String> platforms) {
        String platform = model.platform();
        if (platform == null || platform.isBlank() || platform.equals(ANY_TENSORFLOW)) {
            return null;
        }
        if (!platforms.test(platform)) {
            throw invalid("Model " + Words.cut(model.name()) + " requests unsupported platform " + Words.cut(platform));
        }
        return platform;
    }

    private static ControlException invalid(String message) {
        return new ControlException(Reason.INVALID, message);
    }
}
