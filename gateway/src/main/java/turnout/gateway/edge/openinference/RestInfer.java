package turnout.gateway.edge.openinference;

import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Envelope;
import turnout.gateway.call.Inputs;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.edge.Exchange;
import turnout.gateway.edge.ReplyCoding;
import turnout.gateway.edge.Services;

/** One inference over HTTP: body to call, answer to reply. */
final class RestInfer {
    private final Services services;
    private final RestErrors errors;
    private final DecodePool pool;

    RestInfer(Services services, RestErrors errors, DecodePool pool) {
        this.services = services;
        this.errors = errors;
        this.pool = pool;
    }

    void handle(Exchange exchange, String model, VersionSelector selector) {
        exchange.body()
                .compose(body -> read(exchange.header(RestReply.JSON_LENGTH), model, body))
                .compose(question -> infer(exchange, question, selector))
                .onFailure(failure -> {
                    services.refused(
                            Dialect.OIP_REST,
                            exchange.record(),
                            RefusedException.from(failure).refusal());
                    errors.send(exchange, failure, "");
                });
    }

    /** What was read of a request. */
    private record Question(
            Asked asked, Inputs inputs, RequestParameters parameters, List<OutputAsk> outputs, int bytes) {}

    private Future<Question> read(@Nullable String header, String model, byte[] body) {
        int jsonBytes = jsonBytes(header, body);
        if (header != null && jsonBytes == 0) {
            Asked asked = new Asked(model, "");
            return Future.succeededFuture(new Question(
                    asked, new WholeBodyInput(asked, body), RequestParameters.RAW, List.of(), body.length));
        }
        return pool.runIfHeavy(jsonBytes, () -> question(model, body, jsonBytes));
    }

    private static Question question(String model, byte[] body, int jsonBytes) {
        JsonRequest request = JsonRequest.read(model, body, jsonBytes);
        Asked asked = new Asked(model, request.id());
        return new Question(
                asked,
                new JsonInputs(asked, body, request.inputs()),
                request.parameters(),
                request.outputs(),
                body.length);
    }

    private Future<Void> infer(Exchange exchange, Question question, VersionSelector selector) {
        Envelope envelope = new Envelope(
                Dialect.OIP_REST,
                question.asked().model(),
                selector,
                null,
                question.outputs().stream().map(OutputAsk::name).toList(),
                question.parameters().forModel(),
                exchange.key(),
                question.parameters().deadline(exchange.deadline(), services.ticker()),
                question.bytes());
        Call call = Call.arrived(envelope, question.inputs(), exchange.record(), exchange.cancellation());
        RestReply.Wish wish = new RestReply.Wish(
                question.asked(),
                question.outputs(),
                question.parameters().binaryOutput(),
                ReplyCoding.of(exchange.header("Accept-Encoding")));
        return services.pipeline()
                .handle(call)
                .compose(answer -> reply(answer, wish))
                .onSuccess(reply -> exchange.respond(200, reply.contentType(), reply.body(), reply.headers()))
                .onFailure(failure ->
                        errors.send(exchange, failure, question.asked().id()))
                // Answered either way: what is left to fail is nothing.
                .transform(answered -> Future.succeededFuture());
    }

    private Future<RestReply> reply(Answer answer, RestReply.Wish wish) {
        return RestReply.isHeavy(answer, wish)
                ? pool.run(() -> RestReply.of(answer, wish))
                : Future.succeededFuture(RestReply.of(answer, wish));
    }

    /** How much of the body is JSON: all of it without the header. */
    static int jsonBytes(@Nullable String header, byte[] body) {
        if (header == null) {
            return body.length;
        }
        if (header.equals("0")) {
            return 0;
        }
        if (!header.matches("[0-9]{1,10}") || Long.parseLong(header) > body.length || Long.parseLong(header) == 0) {
            throw Asked.malformed(
                    "inference header size should be in range (0, " + body.length + "), got: " + Asked.shown(header));
        }
        return Integer.parseInt(header);
    }
}
