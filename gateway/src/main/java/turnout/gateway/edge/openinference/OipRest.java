package turnout.gateway.edge.openinference;

import io.vertx.core.http.HttpMethod;
import java.util.Map;
import java.util.Optional;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.edge.Exchange;
import turnout.gateway.edge.RestDoor;
import turnout.gateway.edge.Services;
import turnout.gateway.lifecycle.Catalog;
import turnout.gateway.lifecycle.ModelControl;

/** The Open Inference Protocol over HTTP: everything under {@code /v2}. */
public final class OipRest implements RestDoor {
    private final Questions questions;
    private final RepositoryControl control;
    private final RestErrors errors;
    private final RestInfer infer;

    /**
     * @param repositoryControl whether clients of the data port may load and unload models
     */
    public OipRest(
            Services services, Catalog catalog, ModelControl control, boolean repositoryControl, DecodePool pool) {
        this.questions = new Questions(new Models(catalog), services);
        this.control = new RepositoryControl(control, repositoryControl);
        this.errors = new RestErrors(new Wording(catalog));
        this.infer = new RestInfer(services, errors, pool);
    }

    @Override
    public boolean owns(String path) {
        return path.equals("/v2") || path.startsWith("/v2/");
    }

    @Override
    public void handle(Exchange exchange) {
        Optional<Endpoint> endpoint = endpoint(exchange.path());
        if (endpoint.isEmpty()) {
            errors.send(exchange, 404, "Not Found");
            return;
        }
        HttpMethod verb = endpoint.get().verb();
        boolean isHead = verb.equals(HttpMethod.GET) && exchange.method().equals(HttpMethod.HEAD);
        if (!exchange.method().equals(verb) && !isHead) {
            exchange.respond(
                    405,
                    "application/json",
                    Documents.error("Method Not Allowed").toBuffer(),
                    Map.of("Allow", verb.name()));
            return;
        }
        try {
            endpoint.get().action().answer(exchange);
        } catch (RefusedException e) {
            errors.send(exchange, e, "");
        }
    }

    /** What a path stands for, and the one verb that it takes. */
    private record Endpoint(HttpMethod verb, Action action) {
        static Optional<Endpoint> get(Action action) {
            return Optional.of(new Endpoint(HttpMethod.GET, action));
        }

        static Optional<Endpoint> post(Action action) {
            return Optional.of(new Endpoint(HttpMethod.POST, action));
        }
    }

    private interface Action {
        void answer(Exchange exchange);
    }

    private Optional<Endpoint> endpoint(String raw) {
        if (raw.equals("/v2") || raw.equals("/v2/")) {
            return Endpoint.get(exchange -> ok(exchange, Documents.server(questions.serverVersion())));
        }
        RestPath path = RestPath.of(raw);
        if (path.hasEmptySegment()) {
            return Optional.empty();
        }
        return switch (path.word(1)) {
            case "health" -> health(path);
            case "models" -> models(path);
            case "repository" -> repository(path);
            default -> Optional.empty();
        };
    }

    private Optional<Endpoint> health(RestPath path) {
        if (path.length() != 3) {
            return Optional.empty();
        }
        return switch (path.word(2)) {
            case "live" -> Endpoint.get(exchange -> ok(exchange, Documents.health("live", true, "")));
            case "ready" ->
                Endpoint.get(exchange -> {
                    boolean ready = questions.isServerReady();
                    exchange.respondJson(
                            ready ? 200 : 400,
                            Documents.health("ready", ready, "Server not ready").toBuffer());
                });
            default -> Optional.empty();
        };
    }

    private Optional<Endpoint> models(RestPath path) {
        int length = path.length();
        if (length == 2) {
            return Endpoint.get(exchange -> ok(exchange, Documents.models(questions.modelNames())));
        }
        if (length == 3) {
            return path.has(2, "stats")
                    ? Endpoint.get(exchange ->
                            ok(exchange, Documents.statistics(questions.statistics("", VersionSelector.ANY))))
                    : Endpoint.get(exchange -> metadata(exchange, path.name(2), VersionSelector.ANY));
        }
        if (length == 4) {
            return ofModel(path, "", path.word(3));
        }
        if (!path.has(3, "versions") || length > 6) {
            return Optional.empty();
        }
        if (length == 5) {
            return Endpoint.get(exchange -> metadata(exchange, path.name(2), Asked.version(path.name(4))));
        }
        return ofModel(path, path.name(4), path.word(5));
    }

    private Optional<Endpoint> ofModel(RestPath path, String version, String noun) {
        return switch (noun) {
            case "infer" -> Endpoint.post(exchange -> infer.handle(exchange, path.name(2), Asked.version(version)));
            case "ready" ->
                Endpoint.get(exchange -> {
                    boolean ready = questions.isReady(path.name(2), Asked.version(version));
                    exchange.respondJson(
                            ready ? 200 : 400,
                            Documents.modelReady(path.name(2), ready).toBuffer());
                });
            case "config" ->
                Endpoint.get(exchange ->
                        ok(exchange, Documents.config(questions.metadata(path.name(2), Asked.version(version)))));
            case "stats" ->
                Endpoint.get(exchange ->
                        ok(exchange, Documents.statistics(questions.statistics(path.name(2), Asked.version(version)))));
            default -> Optional.empty();
        };
    }

    private Optional<Endpoint> repository(RestPath path) {
        int length = path.length();
        if ((length == 3 || length == 4) && path.has(length - 1, "index")) {
            return Endpoint.post(this::index);
        }
        if (length < 5 || length > 6 || !path.has(length - 3, "models")) {
            return Optional.empty();
        }
        String verb = path.word(length - 1);
        if (!verb.equals("load") && !verb.equals("unload")) {
            return Optional.empty();
        }
        if (length == 6) {
            return Endpoint.post(exchange -> {
                throw Asked.unsupported("'repository_name' specification is not supported");
            });
        }
        return Endpoint.post(exchange -> control(exchange, path.name(3), verb));
    }

    private void metadata(Exchange exchange, String model, VersionSelector selector) {
        ok(exchange, Documents.metadata(questions.metadata(model, selector)));
    }

    private void index(Exchange exchange) {
        exchange.body()
                .map(body -> Documents.index(questions.index(RepositoryBody.wantsOnlyReady(body))))
                .onComplete(index -> ok(exchange, index), failure -> errors.send(exchange, failure, ""));
    }

    private void control(Exchange exchange, String model, String verb) {
        if (!control.isAllowed()) {
            errors.send(exchange, new RefusedException(new Refusal.Forbidden(RepositoryControl.FORBIDDEN)), "");
            return;
        }
        exchange.body()
                .map(RepositoryBody::parameters)
                .compose(parameters -> verb.equals("load") ? control.load(model, parameters) : control.unload(model))
                .map(done -> Documents.controlled(model, verb))
                .onComplete(done -> ok(exchange, done), failure -> errors.send(exchange, failure, ""));
    }

    private static void ok(Exchange exchange, JsonWriter body) {
        exchange.respondJson(200, body.toBuffer());
    }
}
