package turnout.gateway.device;

/** The right to use one worker of a device for one run. Used or given back exactly once. */
public interface Turn {
    /** Runs the work on a worker; the turn ends when the work says so by {@link #end()}. */
    void run(Runnable work);

    /** Ends the turn, used or not. Safe for any thread, once. */
    void end();
}
