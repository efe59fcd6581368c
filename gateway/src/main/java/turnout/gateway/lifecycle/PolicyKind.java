package turnout.gateway.lifecycle;

/** In which order a model's old versions go and new ones come. */
public enum PolicyKind {
    /** A version goes only when one that is wanted takes calls: needs memory for both. */
    AVAILABILITY_PRESERVING,
    /** What is not wanted goes first: needs memory for one, and serves nothing in between. */
    RESOURCE_PRESERVING
}
