package turnout.gateway.edge;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.reflection.ReflectionService;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.Service;
import java.util.List;

/**
 * Server reflection under its old name, {@code grpc.reflection.v1alpha}, which many clients still ask first. The messages are the same on
 * the wire, so the v1 service is bound once more, by way of a server that changes the name.
 */
final class AlphaReflection implements GrpcServer {
    private static final ServiceName NAME = ServiceName.create("grpc.reflection.v1alpha.ServerReflection");

    private final GrpcServer server;

    private AlphaReflection(GrpcServer server) {
        this.server = server;
    }

    static void bindTo(GrpcServer server) {
        ReflectionService.v1().bind(new AlphaReflection(server));
    }

    @Override
    public <Q, A> GrpcServer callHandler(ServiceMethod<Q, A> method, Handler<GrpcServerRequest<Q, A>> handler) {
        server.callHandler(
                ServiceMethod.server(NAME, method.methodName(), method.encoder(), method.decoder()), handler);
        return this;
    }

    @Override
    public GrpcServer callHandler(Handler<GrpcServerRequest<Buffer, Buffer>> handler) {
        throw new UnsupportedOperationException("reflection binds one method");
    }

    @Override
    public GrpcServer addService(Service service) {
        throw new UnsupportedOperationException("reflection binds one method");
    }

    @Override
    public List<Service> services() {
        return server.services();
    }

    @Override
    public void handle(HttpServerRequest request) {
        server.handle(request);
    }
}
