package turnout.gateway.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.lifecycle.Catalog;
import turnout.gateway.lifecycle.ControlException;
import turnout.gateway.plugin.Plugin;
import turnout.gateway.traffic.TrafficControl;

/** The admin API on a listener of its own. */
public final class AdminServer {
    private static final Logger log = LoggerFactory.getLogger(AdminServer.class);
    private static final int HEADER_BYTES = 16 << 10;

    private final HttpServer server;

    private AdminServer(HttpServer server) {
        this.server = server;
    }

    /**
     * Listens.
     *
     * @param host the address to bind, also one of the names it answers to
     * @param names further names it answers to
     * @return a failure when the address cannot be bound
     */
    public static Future<AdminServer> start(Vertx vertx, String host, int port, Set<String> names, Facts facts) {
        Set<String> hosts = new HashSet<>(Set.of("localhost", "127.0.0.1", "::1"));
        hosts.add(host.toLowerCase(Locale.ROOT));
        names.forEach(name -> hosts.add(name.toLowerCase(Locale.ROOT)));
        HttpServerOptions options = new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setMaxHeaderSize(HEADER_BYTES)
                .setIdleTimeout(60)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        return vertx.createHttpServer(options)
                .requestHandler(router(vertx, new BrowserGuard(hosts), facts))
                .listen()
                .map(AdminServer::new);
    }

    /** The port it got. */
    public int port() {
        return server.actualPort();
    }

    /** Stops listening; requests under way end first. */
    public Future<Void> close() {
        return server.shutdown(5, TimeUnit.SECONDS);
    }

    /**
     * What the API shows and changes.
     *
     * @param version of the product
     * @param plugins as found at the start
     * @param config the configuration in force, without secrets
     */
    public record Facts(
            String version,
            Catalog catalog,
            TrafficControl traffic,
            List<Plugin> plugins,
            CacheView cache,
            Supplier<Map<String, Object>> config) {
        public Facts {
            plugins = List.copyOf(plugins);
        }
    }

    private static Router router(Vertx vertx, BrowserGuard guard, Facts facts) {
        Router router = Router.router(vertx);
        router.route().handler(context -> guard.check(context.request())
                .ifPresentOrElse(problem -> fail(context, problem), context::next));
        get(router, "/admin/v1/status", () -> AdminJson.status(facts.catalog, facts.version));
        get(router, "/admin/v1/models", () -> AdminJson.models(facts.catalog));
        get(router, "/admin/v1/plugins", () -> AdminJson.plugins(facts.plugins));
        get(router, "/admin/v1/config", () -> new JsonObject(facts.config.get()));
        get(router, "/admin/v1/cache", () -> AdminJson.cache(facts.cache.uses()));
        router.get("/admin/v1/models/:model").handler(context -> respond(context, facts, param(context, "model")));
        router.put("/admin/v1/models/:model/traffic").handler(context -> putTraffic(context, facts));
        router.delete("/admin/v1/models/:model/traffic").handler(context -> {
            String model = param(context, "model");
            answer(context, facts, model, facts.traffic.clearTraffic(model));
        });
        router.put("/admin/v1/models/:model/labels/:label").handler(context -> putLabel(context, facts));
        router.errorHandler(404, context -> fail(context, Problem.notFound()));
        router.errorHandler(
                405, context -> fail(context, new Problem(405, "method", "this method is not served here")));
        router.errorHandler(400, context -> fail(context, Problem.malformed("the request cannot be understood")));
        router.errorHandler(500, AdminServer::broken);
        return router;
    }

    private static void get(Router router, String path, Supplier<JsonObject> json) {
        router.get(path).handler(context -> send(context, 200, "application/json", json.get()));
    }

    private static void respond(RoutingContext context, Facts facts, String model) {
        facts.catalog
                .model(model)
                .ifPresentOrElse(
                        status -> send(context, 200, "application/json", AdminJson.model(status)),
                        () -> fail(context, new Problem(404, "not-found", "there is no model '" + model + "'")));
    }

    /** The path names it, or the route would not have matched. */
    private static String param(RoutingContext context, String name) {
        String value = context.pathParam(name);
        return value == null ? "" : value;
    }

    private static void putTraffic(RoutingContext context, Facts facts) {
        String model = param(context, "model");
        SmallBody.read(context.request())
                .compose(body -> facts.traffic.setTraffic(model, weights(body)))
                .onSuccess(done -> respond(context, facts, model))
                .onFailure(failed -> fail(context, failed));
    }

    private static void putLabel(RoutingContext context, Facts facts) {
        String model = param(context, "model");
        String label = param(context, "label");
        SmallBody.read(context.request())
                .compose(body -> facts.traffic.setLabel(model, label, version(body, "version"), expected(body)))
                .onSuccess(done -> respond(context, facts, model))
                .onFailure(failed -> fail(context, failed));
    }

    private static void answer(RoutingContext context, Facts facts, String model, Future<Void> change) {
        change.onSuccess(done -> respond(context, facts, model)).onFailure(failed -> fail(context, failed));
    }

    private static Map<String, Integer> weights(JsonObject body) {
        if (!body.fieldNames().equals(Set.of("weights")) || !(body.getValue("weights") instanceof JsonObject given)) {
            throw malformed("expected {\"weights\": {\"1\": 90, \"2\": 10}}");
        }
        Map<String, Integer> weights = new LinkedHashMap<>();
        for (String arm : given.fieldNames()) {
            if (!(given.getValue(arm) instanceof Integer weight)) {
                throw malformed("weights must be whole numbers");
            }
            weights.put(arm, weight);
        }
        return weights;
    }

    private static OptionalLong expected(JsonObject body) {
        if (!Set.of("version", "expected").containsAll(body.fieldNames()) || !body.containsKey("expected")) {
            throw malformed("expected {\"version\": 2, \"expected\": 1}, where expected is the version that the label"
                    + " points at now, null for none");
        }
        return body.getValue("expected") == null ? OptionalLong.empty() : OptionalLong.of(version(body, "expected"));
    }

    private static long version(JsonObject body, String key) {
        Object value = body.getValue(key);
        if ((value instanceof Integer || value instanceof Long) && ((Number) value).longValue() >= 0) {
            return ((Number) value).longValue();
        }
        throw malformed(key + " must be a version number");
    }

    private static SmallBody.Refused malformed(String detail) {
        return new SmallBody.Refused(Problem.malformed(detail));
    }

    private static void broken(RoutingContext context) {
        log.error("the admin API broke", context.failure());
        fail(context, new Problem(500, "failed", "internal error"));
    }

    private static void fail(RoutingContext context, Throwable failure) {
        if (failure instanceof ControlException control) {
            fail(context, Problem.of(control));
        } else if (failure instanceof SmallBody.Refused refused) {
            fail(context, refused.problem());
        } else {
            log.error("the admin API broke", failure);
            fail(context, new Problem(500, "failed", "internal error"));
        }
    }

    private static void fail(RoutingContext context, Problem problem) {
        if (!context.request().isEnded() && context.request().version() != HttpVersion.HTTP_2) {
            // What is still coming is not going to be read. HTTP/2 has no such header: its clients may refuse the
            // answer.
            context.response().putHeader("Connection", "close");
        }
        send(context, problem.status(), "application/problem+json", problem.json());
    }

    private static void send(RoutingContext context, int status, String type, JsonObject json) {
        if (context.response().ended() || context.response().closed()) {
            return;
        }
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", type)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(json.toBuffer().appendString("\n"));
    }
}
