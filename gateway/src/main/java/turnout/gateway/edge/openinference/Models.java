package turnout.gateway.edge.openinference;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.lifecycle.Catalog;
import turnout.gateway.lifecycle.ModelStatus;
import turnout.gateway.lifecycle.VersionStatus;
import turnout.spi.Signature;

/** Looks models up for the questions about them, and refuses what is not there as routing would. */
record Models(Catalog catalog) {
    ModelStatus model(String name) {
        return catalog.model(name).orElseThrow(() -> new RefusedException(new Refusal.ModelUnknown(name)));
    }

    /** The version that describes the model: the one asked for, else the default one; it takes calls. */
    VersionStatus version(ModelStatus model, VersionSelector selector) {
        if (selector instanceof VersionSelector.Exactly exactly) {
            VersionStatus version = model.version(exactly.number())
                    .orElseThrow(
                            () -> new RefusedException(new Refusal.VersionUnknown(model.name(), exactly.number())));
            if (!version.isAvailable()) {
                throw notReady(model, exactly.number());
            }
            return version;
        }
        return model.shown().filter(VersionStatus::isAvailable).orElseThrow(() -> notReady(model, -1));
    }

    /** Versions that a question without a version is about: all that take calls. */
    List<VersionStatus> available(ModelStatus model, VersionSelector selector) {
        return selector instanceof VersionSelector.Exactly ? List.of(version(model, selector)) : model.available();
    }

    /** Whether calls would be taken; unknown models are simply not ready. */
    boolean isReady(String name, VersionSelector selector) {
        return catalog.model(name)
                .map(model -> selector instanceof VersionSelector.Exactly exactly
                        ? model.version(exactly.number())
                                .filter(VersionStatus::isAvailable)
                                .isPresent()
                        : !model.available().isEmpty())
                .orElse(false);
    }

    /** The signature that calls get, for this protocol knows no signatures; any where none is the default one. */
    static Signature signature(VersionStatus version) {
        Map<String, Signature> signatures = version.signatures();
        Signature usual = signatures.get(Signature.DEFAULT);
        if (usual != null) {
            return usual;
        }
        return signatures.isEmpty()
                ? Signature.of(Signature.DEFAULT, List.of(), List.of())
                : new TreeMap<>(signatures).firstEntry().getValue();
    }

    private static RefusedException notReady(ModelStatus model, long version) {
        return new RefusedException(new Refusal.NotReady(model.name(), version, "not available"));
    }
}
