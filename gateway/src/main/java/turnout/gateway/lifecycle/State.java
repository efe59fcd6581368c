package turnout.gateway.lifecycle;

/** Where a version is in its life; it only ever moves rightwards. */
public enum State {
    /** Wanted, nothing done yet. */
    START,
    /** Being loaded and warmed. */
    LOADING,
    /** Takes calls. */
    AVAILABLE,
    /** Takes no new calls; the old ones end, then it is unloaded. */
    UNLOADING,
    /** Gone, or failed: then there is a cause. */
    END
}
