package turnout.gateway.edge.tfserving;

/** A question that this dialect itself leaves unanswered, with the status and the words it has for it. */
final class Unanswered extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    Unanswered(Failure failure) {
        super(failure.text(), null, false, false);
        this.failure = failure;
    }

    Failure failure() {
        return failure;
    }
}
