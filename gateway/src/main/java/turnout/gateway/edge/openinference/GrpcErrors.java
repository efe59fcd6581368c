package turnout.gateway.edge.openinference;

import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.edge.RpcFailure;
import turnout.gateway.lifecycle.ControlException;

/** Turns what failed into a status and a text. */
final class GrpcErrors {
    private static final Logger log = LoggerFactory.getLogger(GrpcErrors.class);

    private final Wording wording;

    GrpcErrors(Wording wording) {
        this.wording = wording;
    }

    /**
     * The failure as this protocol's clients know it.
     *
     * @param id of the request, empty if it is not known
     */
    <T> Future<T> failed(Throwable failure, String id) {
        return Future.failedFuture(status(failure, id));
    }

    private RpcFailure status(Throwable failure, String id) {
        if (failure instanceof RpcFailure known) {
            return known;
        }
        if (failure instanceof ControlException control) {
            return new RpcFailure(status(control.reason()), String.valueOf(control.getMessage()));
        }
        if (!(failure instanceof RefusedException)) {
            log.error("defect while answering a call", failure);
        }
        Refusal refusal = RefusedException.from(failure).refusal();
        return new RpcFailure(wording.grpcStatus(refusal), Wording.text(refusal, id));
    }

    private static GrpcStatus status(ControlException.Reason reason) {
        return switch (reason) {
            case NOT_FOUND -> GrpcStatus.NOT_FOUND;
            case INVALID -> GrpcStatus.INVALID_ARGUMENT;
            case PRECONDITION -> GrpcStatus.FAILED_PRECONDITION;
            case FAILED -> GrpcStatus.INTERNAL;
        };
    }
}
