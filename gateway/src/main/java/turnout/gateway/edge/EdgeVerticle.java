package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.reflection.ReflectionService;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.spi.Ticker;

/** All listeners on one event loop: heads are checked here, then each request goes to the door that owns its path. */
final class EdgeVerticle extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(EdgeVerticle.class);

    // A tensor of the size that the limit names must fit into a message with its names and shapes.
    private static final long ENVELOPE_BYTES = 1 << 20;

    // Health and reflection ask in a few bytes; their streams may stay open, and what they sent counts until they end.
    private static final long SERVICE_STREAM_BYTES = 1 << 20;

    private final EdgeConfig config;
    private final Doors doors;
    private final Ticker ticker;
    private final DecodePool pool;
    private final Shared shared;
    private final List<HttpServer> servers = new ArrayList<>();
    private @Nullable HealthNames names;

    /** What listens: filled in by {@link EdgeServer}. */
    record Doors(List<RestDoor> rest, List<GrpcDoor> grpc, Health health) {}

    /** What all event loops count together. */
    record Shared(HttpServerOptions options, ConnectionGate gate, IncomingBytes incoming) {}

    EdgeVerticle(EdgeConfig config, Doors doors, Ticker ticker, DecodePool pool, Shared shared) {
        this.config = config;
        this.doors = doors;
        this.ticker = ticker;
        this.pool = pool;
        this.shared = shared;
    }

    List<HttpServer> servers() {
        return servers;
    }

    @Override
    public Future<?> start() {
        BodyReader reader = new BodyReader(vertx, config, pool, shared.incoming(), ticker);
        Connections connections = new Connections(shared.gate());
        long messageBytes = config.bodyBytes() + ENVELOPE_BYTES;
        RpcBinder binder =
                new RpcBinder(new RpcLimits(messageBytes, config.inflatedBytes(), pool), connections, ticker);
        GrpcServer grpc = grpcServer(binder, messageBytes);
        HealthNames health = HealthNames.bindTo(grpc, vertx, doors.health());
        names = health;
        grpc.addService(ReflectionService.v1());
        AlphaReflection.bindTo(grpc);
        List<Future<HttpServer>> listening = new ArrayList<>();
        for (int i = 0; i < config.listen().size(); i++) {
            EdgeConfig.Address address = config.listen().get(i);
            HttpServer server = vertx.createHttpServer(shared.options());
            server.connectionHandler(connections::opened);
            // A request that cannot be read is the client's fault and no news.
            server.invalidRequestHandler(this::invalid);
            server.requestHandler(request -> dispatch(request, connections, reader, rpc -> {
                health.refreshFor(rpc);
                binder.serve(grpc, rpc);
            }));
            servers.add(server);
            // A negative port is a free one that all instances share; which number tells the listeners apart.
            int port = address.port() == 0 ? -1 - i : address.port();
            listening.add(server.listen(port, address.bindHost()));
        }
        return Future.all(listening);
    }

    @Override
    public Future<?> stop() {
        if (names != null) {
            names.stop();
        }
        return Future.succeededFuture();
    }

    private GrpcServer grpcServer(RpcBinder binder, long messageBytes) {
        GrpcServer grpc = GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(messageBytes));
        for (GrpcDoor door : doors.grpc()) {
            door.register(binder);
        }
        binder.bindTo(grpc);
        return grpc;
    }

    private void dispatch(
            HttpServerRequest request, Connections connections, BodyReader reader, Consumer<IncomingRpc> grpc) {
        connections.busy(request);
        Optional<HeadRules.Violation> violation = HeadRules.check(request);
        if (violation.isPresent()) {
            refuse(request, violation.get().status(), violation.get().text());
            return;
        }
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        if (type != null && type.startsWith("application/grpc")) {
            // Health and reflection may wait on open streams as long as they like.
            boolean isService = String.valueOf(request.path()).startsWith("/grpc.");
            if (!isService) {
                reader.guardRate(request);
            }
            grpc.accept(new IncomingRpc(request, reader, isService ? SERVICE_STREAM_BYTES : Long.MAX_VALUE));
            return;
        }
        String path = request.path();
        for (RestDoor door : doors.rest()) {
            if (path != null && door.owns(path)) {
                enter(door, new Exchange(request, reader, ticker));
                return;
            }
        }
        Future<Void> written = answer(request, 404, "Not Found");
        reader.guardWrite(request, written);
    }

    private static void enter(RestDoor door, Exchange exchange) {
        try {
            door.handle(exchange);
        } catch (RuntimeException e) {
            log.error("defect while answering {}", exchange.method(), e);
            exchange.respond(500, "application/json", Buffer.buffer("{\"error\":\"internal error\"}"), Map.of());
        }
    }

    private void invalid(HttpServerRequest request) {
        int status =
                switch (String.valueOf(
                        request.decoderResult().cause().getClass().getSimpleName())) {
                    case "TooLongHttpLineException" -> 414;
                    case "TooLongHttpHeaderException" -> 431;
                    default -> 400;
                };
        refuse(request, status, "the request cannot be read");
    }

    /** Answers and ends an HTTP/1.1 connection: what comes next on it may be read in two ways. */
    private void refuse(HttpServerRequest request, int status, String text) {
        if (request.version() != HttpVersion.HTTP_2) {
            request.response().putHeader("Connection", "close");
        }
        HangUp.afterAnswer(vertx, request, answer(request, status, text));
    }

    private static Future<Void> answer(HttpServerRequest request, int status, String text) {
        if (request.response().ended() || request.response().closed()) {
            return Future.succeededFuture();
        }
        return request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end("{\"error\":\"" + text + "\"}");
    }
}
