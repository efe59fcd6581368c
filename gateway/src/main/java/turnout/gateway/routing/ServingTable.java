package turnout.gateway.routing;

/** The one place where the two planes meet: the control plane swaps the snapshot, each call reads it once. */
public final class ServingTable {
    private volatile ServingState state = ServingState.EMPTY;

    /** The snapshot in force. */
    public ServingState current() {
        return state;
    }

    /** Puts another in force; called by one writer at a time. */
    public void publish(ServingState next) {
        state = next;
    }
}
