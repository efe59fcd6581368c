package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.health.HealthService;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.Service;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The names that gRPC's health service knows. Used on one event loop only. */
final class HealthNames {
    private static final String PATH = "/grpc.health.v1.Health/";

    private final HealthService service;
    private final Health health;
    private final Set<String> services = new HashSet<>();
    private final Set<String> models = new HashSet<>();

    private HealthNames(HealthService service, Health health) {
        this.service = service;
        this.health = health;
    }

    /** Adds health to a server that has all its other services. */
    static HealthNames bindTo(GrpcServer server, Vertx vertx, Health health) {
        HealthNames names = new HealthNames(HealthService.create(vertx), health);
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

    /** Brings the models up to date before a request for their health: they come and go, and the service keeps a list. */
    void refreshFor(String path) {
        if (!path.startsWith(PATH)) {
            return;
        }
        Map<String, Boolean> known = health.byModel();
        for (Iterator<String> old = models.iterator(); old.hasNext(); ) {
            String name = old.next();
            if (!known.containsKey(name)) {
                service.unregister(name);
                old.remove();
            }
        }
        for (String name : known.keySet()) {
            // A model that is called like a service does not speak for it.
            if (!services.contains(name) && models.add(name)) {
                service.register(name, () -> Future.succeededFuture(isReady(name)));
            }
        }
    }

    private boolean isReady(String model) {
        return health.byModel().getOrDefault(model, false);
    }
}
