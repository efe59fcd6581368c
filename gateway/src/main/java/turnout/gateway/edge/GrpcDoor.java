package turnout.gateway.edge;

/** One dialect over gRPC. */
public interface GrpcDoor {
    /** Registers every method of the dialect's services; called once per event loop before it listens. */
    void register(RpcRegistry registry);
}
