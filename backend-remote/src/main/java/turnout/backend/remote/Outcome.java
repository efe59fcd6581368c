package turnout.backend.remote;

import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;

/** How one attempt on one endpoint ended. */
sealed interface Outcome {
    /** The server answered with that message. */
    record Answered(Buffer message) implements Outcome {}

    /** The server answered with a status other than OK; the message is the server's own. */
    record Failed(GrpcStatus status, String message) implements Outcome {}

    /** There was no connection, so the server never saw the call. */
    record NeverSent() implements Outcome {}

    /** The server refused the stream before looking at it, as it does when it shuts down. */
    record Refused() implements Outcome {}

    /** The connection broke before the answer was complete; the server may or may not have run the call. */
    record Lost() implements Outcome {}

    /** The server broke off an answer that had begun, or sent one that is no use; another would hardly be better. */
    record Cut(String what) implements Outcome {}
}
