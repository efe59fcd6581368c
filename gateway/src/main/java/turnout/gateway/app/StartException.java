package turnout.gateway.app;

/** Why the server could not start, in a sentence for the operator. */
final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean misconfigured;

    /**
     * @param misconfigured whether the configuration demands what this machine does not have
     */
    StartException(String message, boolean misconfigured) {
        super(message, null, false, false);
        this.misconfigured = misconfigured;
    }

    boolean isMisconfigured() {
        return misconfigured;
    }
}
