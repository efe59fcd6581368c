package turnout.gateway.edge.openinference;

import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.VersionSelector;

/**
 * Whom a request is for and what the caller calls it: what messages about it name.
 *
 * @param model the model's name, the client's word
 * @param id the request's id, empty if it has none
 */
record Asked(String model, String id) {
    private static final int LONGEST_SHOWN = 200;

    /** A refusal in so many words. */
    static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }

    /** A refusal that names the request. */
    RefusedException refused(String text) {
        return malformed(prefix(id) + text);
    }

    /** A refusal of a part of the protocol that is not served. */
    static RefusedException unsupported(String text) {
        return new RefusedException(new Refusal.Unsupported(text));
    }

    /** {@code " for model 'm'"}. */
    String forModel() {
        return " for model '" + shown(model) + "'";
    }

    /** How messages name a request. */
    static String prefix(String id) {
        return "[request id: " + (id.isEmpty() ? "<id_unknown>" : shown(id)) + "] ";
    }

    /** A client's word, cut where it is too long to be repeated to it. */
    static String shown(String word) {
        return word.length() <= LONGEST_SHOWN ? word : word.substring(0, LONGEST_SHOWN) + "...";
    }

    /** The version that a string asks for, any for an empty one. */
    static VersionSelector version(String text) {
        if (text.isEmpty()) {
            return VersionSelector.ANY;
        }
        if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            try {
                return new VersionSelector.Exactly(Long.parseLong(text));
            } catch (NumberFormatException e) {
                // More digits than a version can have: refused below.
            }
        }
        throw malformed("failed to get model version from specified version string '" + shown(text)
                + "' (details: stol), version should be an integral value > 0");
    }
}
