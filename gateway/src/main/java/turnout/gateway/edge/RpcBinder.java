package turnout.gateway.edge;

import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.Service;
import io.vertx.grpc.server.ServiceBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import turnout.spi.Ticker;

/** Binds the doors' methods to Vert.x's gRPC server, with raw message bytes on both sides. */
final class RpcBinder implements RpcRegistry {
    private final List<ServiceBuilder> services = new ArrayList<>();
    private final RpcLimits limits;
    private final Connections connections;
    private final Ticker ticker;
    private @Nullable IncomingRpc entering;

    RpcBinder(RpcLimits limits, Connections connections, Ticker ticker) {
        this.limits = limits;
        this.connections = connections;
        this.ticker = ticker;
    }

    @Override
    public ServiceMethods service(ServiceDescriptor descriptor) {
        ServiceName name = ServiceName.create(descriptor.getFullName());
        ServiceBuilder builder = Service.service(name, descriptor);
        services.add(builder);
        return new ServiceMethods() {
            @Override
            public ServiceMethods unary(String method, RpcHandler handler) {
                if (descriptor.findMethodByName(method) == null) {
                    throw new IllegalArgumentException(descriptor.getFullName() + " has no method " + method);
                }
                ServiceMethod<Buffer, Buffer> bound =
                        ServiceMethod.server(name, method, GrpcMessageEncoder.IDENTITY, GrpcMessageDecoder.IDENTITY);
                builder.bind(bound, request -> accept(request, handler));
                return this;
            }
        };
    }

    void bindTo(GrpcServer server) {
        for (ServiceBuilder builder : services) {
            server.addService(builder.build());
        }
    }

    /** Hands the request to the server, which calls {@link #accept} before it returns, but with no way back to the request. */
    void serve(GrpcServer server, IncomingRpc incoming) {
        entering = incoming;
        try {
            server.handle(incoming);
        } finally {
            entering = null;
        }
    }

    private void accept(GrpcServerRequest<Buffer, Buffer> request, RpcHandler handler) {
        new UnaryCall(request, Objects.requireNonNull(entering), handler, limits, connections, ticker).start();
    }
}
