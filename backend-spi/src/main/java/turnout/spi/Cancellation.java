package turnout.spi;

/** Tells a run that nobody waits for it any more. Fires at most once, on any thread. */
public interface Cancellation {
    /** One that never fires. */
    Cancellation NEVER = new Cancellation() {
        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public Registration onCancel(Runnable action) {
            return () -> {};
        }
    };

    /** Whether it has fired. */
    boolean isCancelled();

    /**
     * Runs the action when it fires, at once if it has fired already. The action must be quick, must not block, and may run on any
     * thread. Close the registration when the run is over, so that a late cancel does not touch freed memory: {@code close} returns only
     * after an action that is under way has ended.
     */
    Registration onCancel(Runnable action);

    /** Undoes an {@link #onCancel}. */
    @FunctionalInterface
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
