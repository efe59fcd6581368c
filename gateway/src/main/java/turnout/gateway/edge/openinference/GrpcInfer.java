package turnout.gateway.edge.openinference;

import com.google.protobuf.InvalidProtocolBufferException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Envelope;
import turnout.gateway.call.RefusedException;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.edge.RpcExchange;
import turnout.gateway.edge.Services;
import turnout.protocol.openinference.InferParameter;
import turnout.protocol.openinference.ModelInferRequest;
import turnout.protocol.openinference.ModelInferRequest.InferRequestedOutputTensor;

/** One inference over gRPC: message to call, answer to message. */
final class GrpcInfer {
    private final Services services;
    private final GrpcErrors errors;
    private final DecodePool pool;

    GrpcInfer(Services services, GrpcErrors errors, DecodePool pool) {
        this.services = services;
        this.errors = errors;
        this.pool = pool;
    }

    Future<Buffer> handle(RpcExchange exchange, ByteBuffer message) {
        MessageParts parts;
        try {
            parts = MessageParts.of(message);
        } catch (RuntimeException e) {
            return failed(exchange, e, "");
        }
        return pool.runIfHeavy(parts.head().length, () -> parse(parts))
                .compose(
                        request -> infer(exchange, request, parts, message.remaining())
                                .recover(failure -> failed(exchange, failure, request.getId())),
                        failure -> failed(exchange, failure, ""));
    }

    private Future<Buffer> failed(RpcExchange exchange, Throwable failure, String id) {
        services.refused(
                Dialect.OIP_GRPC,
                exchange.record(),
                RefusedException.from(failure).refusal());
        return errors.failed(failure, id);
    }

    private Future<Buffer> infer(RpcExchange exchange, ModelInferRequest request, MessageParts parts, int bytes) {
        return Future.succeededFuture(request).compose(read -> {
            Asked asked = new Asked(read.getModelName(), read.getId());
            RequestParameters parameters = RequestParameters.of(parameters(read.getParametersMap()));
            List<OutputAsk> outputs = outputs(read);
            Envelope envelope = new Envelope(
                    Dialect.OIP_GRPC,
                    asked.model(),
                    Asked.version(read.getModelVersion()),
                    null,
                    outputs.stream().map(OutputAsk::name).toList(),
                    parameters.forModel(),
                    exchange.key(),
                    parameters.deadline(exchange.deadline(), services.ticker()),
                    bytes);
            GrpcInputs inputs = GrpcInputs.of(asked, read, parts);
            Call call = Call.arrived(envelope, inputs, exchange.record(), exchange.cancellation());
            return services.pipeline().handle(call).compose(answer -> reply(answer, asked, outputs));
        });
    }

    private Future<Buffer> reply(Answer answer, Asked asked, List<OutputAsk> outputs) {
        // Choosing the best of many takes long; raw outputs are a copy.
        return outputs.stream().anyMatch(ask -> ask.classes() > 0)
                ? pool.run(() -> GrpcReply.of(answer, asked, outputs))
                : pool.runIfHeavy(answer.bytes(), () -> GrpcReply.of(answer, asked, outputs));
    }

    private static ModelInferRequest parse(MessageParts parts) {
        try {
            return ModelInferRequest.parseFrom(parts.head());
        } catch (InvalidProtocolBufferException e) {
            throw Asked.malformed("the message cannot be read as a ModelInferRequest");
        }
    }

    private static List<OutputAsk> outputs(ModelInferRequest request) {
        List<OutputAsk> asks = new ArrayList<>();
        for (InferRequestedOutputTensor output : request.getOutputsList()) {
            asks.add(
                    output.getParametersCount() == 0
                            ? OutputAsk.plain(output.getName())
                            : OutputAsk.of(output.getName(), parameters(output.getParametersMap())));
        }
        return asks;
    }

    private static Map<String, Object> parameters(Map<String, InferParameter> given) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        given.forEach((name, parameter) -> parameters.put(name, value(name, parameter)));
        return parameters;
    }

    private static Object value(String name, InferParameter parameter) {
        return switch (parameter.getParameterChoiceCase()) {
            case BOOL_PARAM -> parameter.getBoolParam();
            case INT64_PARAM -> parameter.getInt64Param();
            case STRING_PARAM -> parameter.getStringParam();
            case DOUBLE_PARAM -> parameter.getDoubleParam();
            case UINT64_PARAM -> {
                if (parameter.getUint64Param() < 0) {
                    throw Asked.malformed("parameter '" + Asked.shown(name) + "' is beyond the largest int64");
                }
                yield parameter.getUint64Param();
            }
            case PARAMETERCHOICE_NOT_SET -> throw Asked.malformed("parameter '" + Asked.shown(name) + "' has no value");
        };
    }
}
