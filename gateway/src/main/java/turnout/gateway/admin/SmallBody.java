package turnout.gateway.admin;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/** Reads a small JSON object: never more than {@value #MOST} bytes, and nothing to disk. */
final class SmallBody {
    private static final int MOST = 64 << 10;

    private SmallBody() {}

    /** Fails with {@link Refused}. Called before the request's first byte of body was let through. */
    static Future<JsonObject> read(HttpServerRequest request) {
        Promise<JsonObject> promise = Promise.promise();
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() + chunk.length() > MOST) {
                request.handler(ignored -> {});
                promise.tryFail(new Refused(new Problem(413, "too-large", "the body exceeds " + MOST + " bytes")));
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.exceptionHandler(gone -> promise.tryFail(new Refused(Problem.malformed("the body ended early"))));
        request.endHandler(end -> parse(body, promise));
        return promise.future();
    }

    private static void parse(Buffer body, Promise<JsonObject> promise) {
        if (promise.future().isComplete()) {
            return;
        }
        try {
            promise.tryComplete(body.toJsonObject());
        } catch (DecodeException | ClassCastException e) {
            // The parser's own words name classes.
            promise.tryFail(new Refused(Problem.malformed("expected a JSON object")));
        }
    }

    /** A body that cannot be taken. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Problem problem;

        Refused(Problem problem) {
            super(problem.detail(), null, false, false);
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }
}
