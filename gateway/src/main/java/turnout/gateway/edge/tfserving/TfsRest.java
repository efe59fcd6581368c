package turnout.gateway.edge.tfserving;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Envelope;
import turnout.gateway.call.Inputs;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.edge.EdgeConfig;
import turnout.gateway.edge.Exchange;
import turnout.gateway.edge.ReplyCoding;
import turnout.gateway.edge.RestDoor;
import turnout.gateway.edge.Services;
import turnout.gateway.lifecycle.Catalog;

/**
 * TensorFlow Serving's REST interface, everything below {@code /v1/}. The path says which model, {@link PredictBody} what is asked of it;
 * the inputs stay JSON until routing has found the version whose signature gives them their types.
 */
public final class TfsRest implements RestDoor {
    private static final Logger log = LoggerFactory.getLogger(TfsRest.class);

    private static final Target NOTHING = new Target("", VersionSelector.ANY);

    private static final Map<String, String> CORS = Map.of(
            "Access-Control-Allow-Origin", "*",
            "Access-Control-Allow-Methods", "POST, GET",
            "Access-Control-Allow-Headers", "Content-Type");

    private final Services services;
    private final Map<String, String> headers;
    private final CatalogReader catalog;
    private final DecodePool pool;

    /**
     * @param pool where large bodies are decoded
     */
    public TfsRest(Services services, Catalog catalog, DecodePool pool, EdgeConfig.Cors cors) {
        this.headers = switch (cors) {
            case OFF -> Map.of();
            case ON -> CORS;
        };
        this.services = services;
        this.catalog = new CatalogReader(catalog);
        this.pool = pool;
    }

    @Override
    public boolean owns(String path) {
        String head = path.substring(0, Math.min(path.length(), 4)).toLowerCase(Locale.ROOT);
        return head.equals("/v1/") || head.equals("/v1");
    }

    @Override
    public void handle(Exchange exchange) {
        exchange.always(headers);
        // The body is read even where none is wanted: so the connection can be used again.
        exchange.body().onComplete(body -> answer(exchange, body), e -> {
            services.refused(
                    Dialect.TFS_REST,
                    exchange.record(),
                    RefusedException.from(e).refusal());
            refuse(exchange, unreadable(e));
        });
    }

    private void answer(Exchange exchange, byte[] body) {
        Target target = NOTHING;
        try {
            if (exchange.method().equals(HttpMethod.OPTIONS) && hasOrigin(exchange)) {
                exchange.respondEmpty(200);
                return;
            }
            RestPath path = RestPath.parse(exchange.method(), exchange.path());
            target = path.target();
            switch (path.action()) {
                case PREDICT -> predict(exchange, target, body);
                case CLASSIFY -> examine(exchange, target, body, Method.CLASSIFY);
                case REGRESS -> examine(exchange, target, body, Method.REGRESS);
                case STATUS -> respond(exchange, CatalogText.status(catalog.status(target)));
                case METADATA -> respond(exchange, CatalogText.metadata(catalog.available(target)));
                case LIST -> respond(exchange, CatalogText.models(catalog.models()));
            }
        } catch (RuntimeException e) {
            refuse(exchange, failure(exchange, e, target, Method.REST_PREDICT));
        }
    }

    private static boolean hasOrigin(Exchange exchange) {
        String origin = exchange.header("Origin");
        return origin != null && (origin.contains("http://") || origin.contains("https://"));
    }

    private void predict(Exchange exchange, Target target, byte[] body) {
        ReplyCoding coding = JsonReply.coding(exchange);
        Future<JsonReply> reply = pool.runIfHeavy(body.length, () -> PredictBody.parse(body))
                .compose(request -> run(exchange, target, request.signature(), request.inputs(), body.length)
                        .compose(answer -> pool.runIfHeavy(
                                JsonReply.cost(answer, coding),
                                () -> JsonReply.of(PredictText.write(request.form(), answer.outputs()), coding))));
        finish(exchange, target, Method.REST_PREDICT, reply);
    }

    private void examine(Exchange exchange, Target target, byte[] body, Method method) {
        exchange.record().asks(method.task());
        ReplyCoding coding = JsonReply.coding(exchange);
        Future<JsonReply> reply = pool.runIfHeavy(body.length, () -> ExampleBody.parse(body, method))
                .compose(request -> {
                    ExampleInputs inputs = new ExampleInputs(request.examples(), method);
                    return run(exchange, target, request.signature(), inputs, body.length)
                            .compose(answer -> pool.runIfHeavy(
                                    JsonReply.cost(answer, coding),
                                    () -> JsonReply.of(ResultText.write(method, answer, inputs.count()), coding)));
                });
        finish(exchange, target, method, reply);
    }

    private Future<Answer> run(
            Exchange exchange, Target target, @Nullable String signature, Inputs inputs, long bytes) {
        Envelope envelope = new Envelope(
                Dialect.TFS_REST,
                target.model(),
                target.selector(),
                signature,
                List.of(),
                Map.of(),
                exchange.key(),
                exchange.deadline(),
                bytes);
        return services.pipeline().handle(Call.arrived(envelope, inputs, exchange.record(), exchange.cancellation()));
    }

    private void finish(Exchange exchange, Target target, Method method, Future<JsonReply> reply) {
        reply.onComplete(made -> respond(exchange, made), e -> {
            services.refused(
                    Dialect.TFS_REST,
                    exchange.record(),
                    RefusedException.from(e).refusal());
            refuse(exchange, failure(exchange, e, target, method));
        });
    }

    private static void respond(Exchange exchange, JsonOutput text) {
        respond(exchange, JsonReply.of(text, JsonReply.coding(exchange)));
    }

    private static void respond(Exchange exchange, JsonReply reply) {
        exchange.respond(200, "application/json", reply.body(), reply.headers());
    }

    /** Why the body could not be read; the one place where HTTP has statuses of its own. */
    private static Problem unreadable(Throwable e) {
        Refusal refusal = RefusedException.from(e).refusal();
        Failure failure = Failures.of(refusal, NOTHING, Method.REST_PREDICT);
        return switch (failure.status()) {
            case RESOURCE_EXHAUSTED -> new Problem(413, failure.text());
            case UNIMPLEMENTED -> new Problem(415, failure.text());
            default -> new Problem(failure.httpStatus(), failure.text());
        };
    }

    private static Problem failure(Exchange exchange, Throwable e, Target target, Method method) {
        if (e instanceof Unanswered unanswered) {
            return new Problem(
                    unanswered.failure().httpStatus(), unanswered.failure().text());
        }
        RefusedException refused = RefusedException.from(e);
        if (refused.getCause() != null) {
            log.error("defect while answering request {}", exchange.record().requestId(), refused.getCause());
        }
        if (exchange.record().refusal() == null) {
            exchange.record().refused(refused.refusal());
        }
        Failure failure = Failures.of(refused.refusal(), target, method);
        return new Problem(failure.httpStatus(), failure.text());
    }

    private static void refuse(Exchange exchange, Problem problem) {
        if (exchange.method().equals(HttpMethod.HEAD)) {
            exchange.respondEmpty(problem.status());
            return;
        }
        Buffer body = new JsonOutput(64 + problem.text().length())
                .raw("{\"error\": ")
                .string(problem.text())
                .raw('}')
                .line(0)
                .toBuffer();
        Map<String, String> headers = problem.status() == 503 ? Map.of("Retry-After", "1") : Map.of();
        exchange.respond(problem.status(), "application/json", body, headers);
    }

    /** What a client is told that gets no answer. */
    private record Problem(int status, String text) {}
}
