package turnout.gateway.edge.openinference;

import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.edge.Exchange;
import turnout.gateway.lifecycle.ControlException;

/** Answers what failed: always JSON, always with a text. */
final class RestErrors {
    private static final Logger log = LoggerFactory.getLogger(RestErrors.class);

    private final Wording wording;

    RestErrors(Wording wording) {
        this.wording = wording;
    }

    /**
     * Answers with the failure's status and text.
     *
     * @param id of the request, empty if it is not known
     */
    void send(Exchange exchange, Throwable failure, String id) {
        if (failure instanceof ControlException control) {
            send(exchange, status(control.reason()), String.valueOf(control.getMessage()));
            return;
        }
        if (!(failure instanceof RefusedException)) {
            log.error("defect while answering a request", failure);
        }
        Refusal refusal = RefusedException.from(failure).refusal();
        Map<String, String> headers = new HashMap<>();
        if (Wording.asksForPatience(refusal)) {
            headers.put("Retry-After", "1");
        }
        if (refusal.kind() == Refusal.Kind.UNSUPPORTED) {
            // RFC 7694: how a client learns which codings a body may come in; it may stand in any answer.
            headers.put("Accept-Encoding", "gzip, deflate");
        }
        exchange.respond(
                wording.httpStatus(refusal),
                "application/json",
                Documents.error(Wording.text(refusal, id)).toBuffer(),
                headers);
    }

    void send(Exchange exchange, int status, String text) {
        exchange.respondJson(status, Documents.error(text).toBuffer());
    }

    private static int status(ControlException.Reason reason) {
        return switch (reason) {
            case NOT_FOUND -> 404;
            case INVALID, PRECONDITION -> 400;
            case FAILED -> 500;
        };
    }
}
