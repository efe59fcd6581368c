package turnout.gateway.admin;

import io.vertx.core.json.JsonObject;
import turnout.gateway.lifecycle.ControlException;

/**
 * An answer that says what was wrong, as RFC 9457 writes it.
 *
 * @param status HTTP status
 * @param kind a word that programs may rely on
 * @param detail a sentence for the operator
 */
record Problem(int status, String kind, String detail) {
    static Problem of(ControlException e) {
        String detail = e.getMessage() == null ? "" : e.getMessage();
        return switch (e.reason()) {
            case NOT_FOUND -> new Problem(404, "not-found", detail);
            case INVALID -> new Problem(400, "invalid", detail);
            case PRECONDITION -> new Problem(409, "conflict", detail);
            case FAILED -> new Problem(500, "failed", detail);
        };
    }

    static Problem notFound() {
        return new Problem(404, "not-found", "there is nothing here");
    }

    static Problem malformed(String detail) {
        return new Problem(400, "malformed", detail);
    }

    JsonObject json() {
        return new JsonObject()
                .put("type", "about:blank")
                .put("title", kind)
                .put("status", status)
                .put("detail", detail);
    }
}
