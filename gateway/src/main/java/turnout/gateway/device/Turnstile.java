package turnout.gateway.device;

/** A lane's place at a device. Safe for any thread. */
public interface Turnstile {
    /**
     * Asks for a turn, unless one is being asked for already. While the lane holds as many as it may, the wish is kept until one of them
     * ends.
     */
    void want();

    /** Leaves for good; a turn that was asked for is not granted any more. */
    void leave();
}
