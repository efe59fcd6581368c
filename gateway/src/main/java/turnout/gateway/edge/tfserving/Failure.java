package turnout.gateway.edge.tfserving;

import io.vertx.grpc.common.GrpcStatus;
import turnout.gateway.edge.RpcFailure;

/**
 * A refusal in this dialect's words.
 *
 * @param status the status of gRPC, from which that of HTTP follows
 * @param text the message
 */
record Failure(GrpcStatus status, String text) {
    /** Longest message that gRPC clients get: it travels in a trailer. */
    private static final int LONGEST_RPC_TEXT = 1024;

    private static final String TRUNCATED = "...TRUNCATED";

    /** As a status of gRPC. */
    RpcFailure toRpc() {
        String shown = text.length() <= LONGEST_RPC_TEXT ? text : text.substring(0, LONGEST_RPC_TEXT - 12) + TRUNCATED;
        return new RpcFailure(status, shown);
    }

    /** The status of HTTP that TensorFlow Serving gives for the status of gRPC. */
    int httpStatus() {
        return switch (status) {
            case OK -> 200;
            case CANCELLED -> 499;
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, ABORTED -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
        };
    }
}
