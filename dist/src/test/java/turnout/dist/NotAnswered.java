package turnout.dist;

/** The server refused a call. */
final class NotAnswered extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String status;

    /** @param status over HTTP a number, over gRPC a word */
    NotAnswered(String status, String text) {
        super(status + ": " + text);
        this.status = status;
    }

    String status() {
        return status;
    }
}
