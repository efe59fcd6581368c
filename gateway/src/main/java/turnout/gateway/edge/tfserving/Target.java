package turnout.gateway.edge.tfserving;

import turnout.gateway.call.VersionSelector;
import turnout.gateway.call.Words;

/**
 * What a caller asked for.
 *
 * @param model the model's name
 * @param selector which version
 */
record Target(String model, VersionSelector selector) {
    /** As TensorFlow Serving's messages name it. */
    String text() {
        String shown = Words.cut(model);
        return selector instanceof VersionSelector.Exactly exactly
                ? "Specific(" + shown + ", " + exactly.number() + ")"
                : "Latest(" + shown + ")";
    }
}
