package turnout.gateway.edge;

import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.Ticker;

/** A listener on a free port, with a door that echoes bodies, answers at once or holds requests back. */
final class EdgeRig implements AutoCloseable, RestDoor {
    static final EdgeConfig CONFIG = new EdgeConfig(
            List.of(new EdgeConfig.Address("127.0.0.1", 0)),
            100_000,
            200_000,
            1 << 30,
            100,
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            1024,
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            1,
            Optional.empty(),
            EdgeConfig.Cors.OFF);

    private final EdgeVertx edgeVertx = EdgeVertx.create(new VertxOptions());
    final Vertx vertx = edgeVertx.vertx();
    final List<Exchange> held = new CopyOnWriteArrayList<>();
    final DecodePool pool = new DecodePool(vertx, 1);
    private final EdgeServer server;

    EdgeRig(EdgeConfig config, GrpcDoor... grpc) {
        this(config, new IncomingBytes(config.incomingBytes()), Ticker.system(), grpc);
    }

    EdgeRig(EdgeConfig config, IncomingBytes incoming, GrpcDoor... grpc) {
        this(config, incoming, Ticker.system(), grpc);
    }

    /** What health tells of models. */
    final Map<String, Boolean> models = new ConcurrentHashMap<>();

    EdgeRig(EdgeConfig config, IncomingBytes incoming, Ticker ticker, GrpcDoor... grpc) {
        server = result(EdgeServer.start(
                edgeVertx,
                config,
                List.of(this),
                List.of(grpc),
                new Health(() -> true, models::keySet, name -> models.getOrDefault(name, false)),
                ticker,
                pool,
                incoming));
    }

    static EdgeConfig with(
            Duration head, Duration bodyGrace, Duration writeStall, Duration keepAlive, int connections) {
        return new EdgeConfig(
                CONFIG.listen(),
                CONFIG.bodyBytes(),
                CONFIG.inflatedBytes(),
                CONFIG.incomingBytes(),
                connections,
                head,
                bodyGrace,
                CONFIG.bodyBytesPerSecond(),
                writeStall,
                keepAlive,
                1,
                Optional.empty(),
                EdgeConfig.Cors.OFF);
    }

    int port() {
        return server.addresses().get(0).port();
    }

    EdgeServer server() {
        return server;
    }

    @Override
    public boolean owns(String path) {
        return !path.equals("/nobodys");
    }

    @Override
    public void handle(Exchange exchange) {
        switch (exchange.path()) {
            case "/now" -> exchange.respondJson(200, Buffer.buffer("{}"));
            case "/large" -> exchange.respondJson(200, Buffer.buffer(new byte[64 << 20]));
            case "/hold" -> held.add(exchange);
            default ->
                exchange.body()
                        .onComplete(
                                body -> exchange.respond(200, "text/plain", Buffer.buffer(body), Map.of()),
                                failure -> exchange.respondJson(status(failure), Buffer.buffer("{}")));
        }
    }

    private static int status(Throwable failure) {
        Refusal refusal = RefusedException.from(failure).refusal();
        return switch (refusal.kind()) {
            case TOO_LARGE -> 413;
            case UNSUPPORTED -> 415;
            case MALFORMED -> 400;
            case CALLER_GONE -> 499;
            case OVERLOADED -> 503;
            default -> 500;
        };
    }

    @Override
    public void close() {
        result(server.shutdown(Duration.ofSeconds(1)));
        result(vertx.close());
    }
}
