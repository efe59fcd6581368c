package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.health.HealthService;
import io.vertx.grpc.health.HealthServiceOptions;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.Service;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names that gRPC's health service knows. Used on one event loop only. */
final class HealthNames {
    private static final String PATH = "/grpc.health.v1.Health/";

    private static final String WATCH = PATH + "Watch";
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final HealthService service;
    private final Vertx vertx;
    private final Health health;
    private final Set<String> services = new HashSet<>();
    private final Set<String> models = new HashSet<>();
    private final Set<HttpConnection> watching = new HashSet<>();
    private @Nullable Long timer;

    private HealthNames(HealthService service, Vertx vertx, Health health) {
        this.service = service;
        this.vertx = vertx;
        this.health = health;
    }

    /** Adds health to a server that has all its other services. */
    static HealthNames bindTo(GrpcServer server, Vertx vertx, Health health) {
        HealthServiceOptions options = new HealthServiceOptions().setHealthCheckInterval(INTERVAL);
        HealthNames names = new HealthNames(HealthService.create(vertx, options), vertx, health);
        names.serves("");
        for (Service known : server.services()) {
            names.serves(known.name().fullyQualifiedName());
        }
        // TensorFlow Serving names its services without their package here.
        List.of("PredictionService", "ModelService").forEach(names::serves);
        server.addService(names.service);
        return names;
    }

    private void serves(String name) {
        services.add(name);
        service.register(name, () -> Future.succeededFuture(health.isReady()));
    }

    /** Brings the models up to date before a request for their health, and for as long as its connection may watch them. */
    void refreshFor(HttpServerRequest request) {
        String path = String.valueOf(request.path());
        if (!path.startsWith(PATH)) {
            return;
        }
        refresh();
        HttpConnection connection = request.connection();
        if (path.equals(WATCH) && watching.add(connection)) {
            if (timer == null) {
                timer = vertx.setPeriodic(INTERVAL.toMillis(), id -> refresh());
            }
            Connections.whenClosed(connection, () -> unwatched(connection));
        }
    }

    /** Looks no more. */
    void stop() {
        if (timer != null) {
            vertx.cancelTimer(timer);
            timer = null;
        }
    }

    private void unwatched(HttpConnection connection) {
        watching.remove(connection);
        if (watching.isEmpty()) {
            stop();
        }
    }

    /** Models come and go, and the service keeps a list. */
    private void refresh() {
        Set<String> known = health.models().get();
        for (Iterator<String> old = models.iterator(); old.hasNext(); ) {
            String name = old.next();
            if (!known.contains(name)) {
                service.unregister(name);
                old.remove();
            }
        }
        for (String name : known) {
            // A model that is called like a service does not speak for it.
            if (!services.contains(name) && models.add(name)) {
                service.register(name, () -> Future.succeededFuture(health.isReady(name)));
            }
        }
    }
}
