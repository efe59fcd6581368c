package turnout.gateway.edge.tfserving;

import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.VersionSelector;
import turnout.protocol.tfserving.ModelSpec;

/** Reads and writes {@code model_spec}. */
final class ModelSpecs {
    private ModelSpecs() {}

    /**
     * What is asked for.
     *
     * @param isPresent whether the request has the field at all
     */
    static Target target(ModelSpec spec, boolean isPresent) {
        if (!isPresent) {
            throw new RefusedException(new Refusal.Malformed("Missing ModelSpec"));
        }
        if (spec.getName().isEmpty()) {
            throw new RefusedException(new Refusal.Malformed("ModelSpec has no name specified."));
        }
        return new Target(
                spec.getName(),
                switch (spec.getVersionChoiceCase()) {
                    case VERSION ->
                        new VersionSelector.Exactly(spec.getVersion().getValue());
                    case VERSION_LABEL -> label(spec.getVersionLabel());
                    case VERSIONCHOICE_NOT_SET -> VersionSelector.ANY;
                });
    }

    /** The signature asked for, null for the default one. */
    static @Nullable String signature(ModelSpec spec) {
        return spec.getSignatureName().isEmpty() ? null : spec.getSignatureName();
    }

    /** Who answered. */
    static ModelSpec answered(Answer answer) {
        return version(answer.version().model(), answer.version().number())
                .setSignatureName(answer.signature().name())
                .build();
    }

    static ModelSpec.Builder version(String model, long number) {
        ModelSpec.Builder spec = ModelSpec.newBuilder().setName(model);
        spec.getVersionBuilder().setValue(number);
        return spec;
    }

    /** An empty label is none. */
    private static VersionSelector label(String label) {
        return label.isEmpty() ? VersionSelector.ANY : new VersionSelector.Labelled(label);
    }
}
