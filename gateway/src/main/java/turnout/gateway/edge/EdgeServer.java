package turnout.gateway.edge;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import turnout.spi.Ticker;

/** The data port: every listener speaks every dialect, HTTP/1.1 and HTTP/2, with TLS or without, on every event loop. */
public final class EdgeServer {
    private final Vertx vertx;
    private final List<EdgeConfig.Address> addresses;
    private final List<EdgeVerticle> verticles;
    private final ConnectionGate gate;
    private final Optional<Certificates> certificates;
    private final List<Long> timers;

    private EdgeServer(
            Vertx vertx,
            List<EdgeConfig.Address> addresses,
            List<EdgeVerticle> verticles,
            ConnectionGate gate,
            Optional<Certificates> certificates) {
        this.vertx = vertx;
        this.addresses = List.copyOf(addresses);
        this.verticles = List.copyOf(verticles);
        this.gate = gate;
        this.certificates = certificates;
        // One event loop's listeners are enough: those of the others share their sockets.
        this.timers = certificates.map(pems -> pems.watch(listeners())).orElse(List.of());
    }

    /**
     * Listens.
     *
     * @param edgeVertx accepts for this server's ports; other listeners on it go unwatched
     * @param rest asked in this order who owns a path
     * @param health what gRPC health answers
     * @return a failure when an address cannot be bound
     */
    public static Future<EdgeServer> start(
            EdgeVertx edgeVertx,
            EdgeConfig config,
            List<RestDoor> rest,
            List<GrpcDoor> grpc,
            Health health,
            Ticker ticker,
            DecodePool pool) {
        return start(edgeVertx, config, rest, grpc, health, ticker, pool, new IncomingBytes(config.incomingBytes()));
    }

    static Future<EdgeServer> start(
            EdgeVertx edgeVertx,
            EdgeConfig config,
            List<RestDoor> rest,
            List<GrpcDoor> grpc,
            Health health,
            Ticker ticker,
            DecodePool pool,
            IncomingBytes incoming) {
        Vertx vertx = edgeVertx.vertx();
        HttpServerOptions options = ListenerOptions.create();
        Optional<Certificates> certificates = config.tls().map(tls -> new Certificates(vertx, tls, pool));
        ConnectionGate gate = new ConnectionGate(config, options, ticker);
        EdgeVerticle.Doors doors = new EdgeVerticle.Doors(List.copyOf(rest), List.copyOf(grpc), health);
        List<EdgeVerticle> verticles = new CopyOnWriteArrayList<>();
        Supplier<EdgeVerticle> verticle = () -> {
            EdgeVerticle next =
                    new EdgeVerticle(config, doors, ticker, pool, new EdgeVerticle.Shared(options, gate, incoming));
            verticles.add(next);
            return next;
        };
        config.listen().forEach(address -> edgeVertx.watch(address.port(), gate::admit));
        return certificates
                .map(pems -> pems.applyTo(options))
                .orElse(Future.succeededFuture(options))
                .compose(secured ->
                        vertx.deployVerticle(verticle, new DeploymentOptions().setInstances(config.eventLoops())))
                .map(id -> {
                    List<EdgeConfig.Address> bound = bound(config, verticles.get(0));
                    // Those that asked for any free port.
                    bound.forEach(address -> edgeVertx.watch(address.port(), gate::admit));
                    return new EdgeServer(vertx, bound, verticles, gate, certificates);
                });
    }

    /** The addresses it listens on, with the ports it got. */
    public List<EdgeConfig.Address> addresses() {
        return addresses;
    }

    /** How the addresses are reached: http or https. */
    public String scheme() {
        return certificates.isPresent() ? "https" : "http";
    }

    /** Looks at the TLS files now; true if new connections get new certificates. */
    Future<Boolean> reloadCertificates() {
        return certificates.map(pems -> pems.look(listeners())).orElse(Future.succeededFuture(false));
    }

    /** Connections that are open. */
    public int connections() {
        return gate.open();
    }

    /** Connections that were closed at once because there were too many. */
    public long refusedConnections() {
        return gate.refused();
    }

    /** Closes the listeners, lets requests under way end, and returns when they have or the time is over. */
    public Future<Void> shutdown(Duration timeout) {
        timers.forEach(vertx::cancelTimer);
        List<Future<Void>> closing = new ArrayList<>();
        for (EdgeVerticle verticle : verticles) {
            for (HttpServer server : verticle.servers()) {
                closing.add(server.shutdown(timeout.toMillis(), TimeUnit.MILLISECONDS));
            }
        }
        return Future.join(closing).mapEmpty();
    }

    private List<HttpServer> listeners() {
        return verticles.get(0).servers();
    }

    private static List<EdgeConfig.Address> bound(EdgeConfig config, EdgeVerticle verticle) {
        List<EdgeConfig.Address> bound = new ArrayList<>();
        for (int i = 0; i < config.listen().size(); i++) {
            bound.add(new EdgeConfig.Address(
                    config.listen().get(i).host(), verticle.servers().get(i).actualPort()));
        }
        return bound;
    }
}
