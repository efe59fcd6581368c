package turnout.gateway.edge;

import com.google.protobuf.Descriptors.ServiceDescriptor;

/** Takes the methods of a gRPC service; methods of a registered service that nobody added answer UNIMPLEMENTED. */
public interface RpcRegistry {
    /**
     * Adds a service, so that reflection and health know it.
     *
     * @param service from generated code
     */
    ServiceMethods service(ServiceDescriptor service);

    /** Adds methods to one service. */
    interface ServiceMethods {
        /** Adds a unary method by its short name ({@code "Predict"}), with raw message bytes in and out. */
        ServiceMethods unary(String method, RpcHandler handler);
    }
}
