package turnout.gateway.source;

import java.io.IOException;

/** A link leads out of the repository: nothing behind it may be served, whatever was seen there before. */
final class LinkOutException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the operator */
    LinkOutException(String message) {
        super(message);
    }
}
