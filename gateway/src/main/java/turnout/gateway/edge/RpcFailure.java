package turnout.gateway.edge;

import io.vertx.grpc.common.GrpcStatus;

/** A gRPC status other than OK, with its text. */
public final class RpcFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final GrpcStatus status;

    public RpcFailure(GrpcStatus status, String text) {
        super(text, null, false, false);
        this.status = status;
    }

    /** The status. */
    public GrpcStatus status() {
        return status;
    }
}
