package turnout.gateway.call;

/** Which version of a model a caller asked for. */
public sealed interface VersionSelector {
    /** None in particular: the split, the default or the highest available one decides. */
    record Any() implements VersionSelector {}

    /** That one and no other. */
    record Exactly(long number) implements VersionSelector {}

    /** The one that the label points at now. */
    record Labelled(String label) implements VersionSelector {}

    /** The selector of callers who name nothing. */
    VersionSelector ANY = new Any();
}
