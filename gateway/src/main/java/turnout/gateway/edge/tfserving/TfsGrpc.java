package turnout.gateway.edge.tfserving;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.ByteBuffer;
import java.util.List;
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
import turnout.gateway.call.Words;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.edge.GrpcDoor;
import turnout.gateway.edge.InferenceRpc;
import turnout.gateway.edge.RpcExchange;
import turnout.gateway.edge.RpcFailure;
import turnout.gateway.edge.RpcRegistry;
import turnout.gateway.edge.Services;
import turnout.gateway.lifecycle.Catalog;
import turnout.gateway.lifecycle.ControlException;
import turnout.gateway.lifecycle.ModelControl;
import turnout.gateway.lifecycle.VersionStatus;
import turnout.protocol.codec.SignatureDefs;
import turnout.protocol.tfserving.ClassificationRequest;
import turnout.protocol.tfserving.ClassificationResponse;
import turnout.protocol.tfserving.GetModelMetadataRequest;
import turnout.protocol.tfserving.GetModelMetadataResponse;
import turnout.protocol.tfserving.GetModelStatusRequest;
import turnout.protocol.tfserving.Input;
import turnout.protocol.tfserving.ModelServiceProto;
import turnout.protocol.tfserving.ModelSpec;
import turnout.protocol.tfserving.MultiInferenceRequest;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictionServiceProto;
import turnout.protocol.tfserving.RegressionRequest;
import turnout.protocol.tfserving.RegressionResponse;
import turnout.protocol.tfserving.ReloadConfigRequest;
import turnout.protocol.tfserving.ReloadConfigResponse;
import turnout.protocol.tfserving.SignatureDefMap;
import turnout.protocol.tfserving.StatusProto;

/** TensorFlow Serving's gRPC interface: PredictionService and ModelService. */
public final class TfsGrpc implements GrpcDoor {
    private static final Logger log = LoggerFactory.getLogger(TfsGrpc.class);

    private static final String SIGNATURE_DEF = "signature_def";
    private static final Target NOTHING = new Target("", VersionSelector.ANY);

    private final Services services;
    private final CatalogReader catalog;
    private final ModelControl control;
    private final boolean repositoryControl;
    private final DecodePool pool;

    /**
     * @param repositoryControl whether clients of the data port may change which models are served
     * @param pool where large messages are decoded
     */
    public TfsGrpc(
            Services services, Catalog catalog, ModelControl control, boolean repositoryControl, DecodePool pool) {
        this.services = services;
        this.catalog = new CatalogReader(catalog);
        this.control = control;
        this.repositoryControl = repositoryControl;
        this.pool = pool;
    }

    @Override
    public void register(RpcRegistry registry) {
        registry.service(PredictionServiceProto.getDescriptor().findServiceByName("PredictionService"))
                .unary("Predict", new InferenceRpc(services, Dialect.TFS_GRPC, this::predict))
                .unary("Classify", new InferenceRpc(services, Dialect.TFS_GRPC, this::classify))
                .unary("Regress", new InferenceRpc(services, Dialect.TFS_GRPC, this::regress))
                .unary("MultiInference", new InferenceRpc(services, Dialect.TFS_GRPC, this::multiInference))
                .unary("GetModelMetadata", this::metadata);
        registry.service(ModelServiceProto.getDescriptor().findServiceByName("ModelService"))
                .unary("GetModelStatus", this::status)
                .unary("HandleReloadConfigRequest", this::reload);
    }

    private Future<Buffer> predict(RpcExchange exchange, ByteBuffer message) {
        return parse(PredictRequest.parser(), message)
                .compose(request -> {
                    Target target = ModelSpecs.target(request.getModelSpec(), request.hasModelSpec());
                    Question question = new Question(
                            target,
                            ModelSpecs.signature(request.getModelSpec()),
                            request.getOutputFilterList(),
                            new ProtoInputs(request.getInputsMap()),
                            message.remaining());
                    return ask(exchange, question, Method.PREDICT);
                })
                .compose(answer -> pool.runIfHeavy(answer.bytes(), () -> Messages.write(PredictReply.of(answer))))
                .recover(e -> refuseCall(exchange, e, Method.PREDICT));
    }

    private Future<Buffer> classify(RpcExchange exchange, ByteBuffer message) {
        return parse(ClassificationRequest.parser(), message)
                .compose(request -> examine(
                        exchange,
                        request.getModelSpec(),
                        request.hasModelSpec(),
                        request.getInput(),
                        Method.CLASSIFY,
                        (answer, rows) -> ClassificationResponse.newBuilder()
                                .setModelSpec(ModelSpecs.answered(answer))
                                .setResult(ExampleMessages.classification(answer, rows))
                                .build()))
                .recover(e -> refuseCall(exchange, e, Method.CLASSIFY));
    }

    private Future<Buffer> regress(RpcExchange exchange, ByteBuffer message) {
        return parse(RegressionRequest.parser(), message)
                .compose(request -> examine(
                        exchange,
                        request.getModelSpec(),
                        request.hasModelSpec(),
                        request.getInput(),
                        Method.REGRESS,
                        (answer, rows) -> RegressionResponse.newBuilder()
                                .setModelSpec(ModelSpecs.answered(answer))
                                .setResult(ExampleMessages.regression(answer, rows))
                                .build()))
                .recover(e -> refuseCall(exchange, e, Method.REGRESS));
    }

    /** Turns the answer to so many rows into a message. */
    @FunctionalInterface
    private interface Reply {
        MessageLite of(Answer answer, int rows);
    }

    private Future<Buffer> examine(
            RpcExchange exchange, ModelSpec spec, boolean hasSpec, Input input, Method method, Reply reply) {
        Target target = ModelSpecs.target(spec, hasSpec);
        ExampleInputs inputs = new ExampleInputs(ExampleMessages.rows(input), method);
        Question question =
                new Question(target, ModelSpecs.signature(spec), List.of(), inputs, input.getSerializedSize());
        return ask(exchange, question, method)
                .compose(answer ->
                        pool.runIfHeavy(answer.bytes(), () -> Messages.write(reply.of(answer, inputs.count()))));
    }

    private Future<Buffer> multiInference(RpcExchange exchange, ByteBuffer message) {
        return parse(MultiInferenceRequest.parser(), message)
                .compose(request -> {
                    Target first = MultiInference.target(request);
                    MultiInference tasks = new MultiInference(request, pool, (target, signature, inputs) -> {
                        Question question = new Question(target, signature, List.of(), inputs, message.remaining());
                        return ask(exchange, question, Method.MULTI_INFERENCE);
                    });
                    return tasks.run(first);
                })
                .recover(e -> refuseCall(exchange, e, Method.MULTI_INFERENCE));
    }

    private Future<Buffer> metadata(RpcExchange exchange, ByteBuffer message) {
        return parse(GetModelMetadataRequest.parser(), message)
                .map(request -> {
                    Target target = ModelSpecs.target(request.getModelSpec(), request.hasModelSpec());
                    checkFields(request.getMetadataFieldList());
                    return Messages.write(metadata(catalog.available(target)));
                })
                .recover(e -> refuse(exchange, e, NOTHING, Method.PREDICT));
    }

    private static void checkFields(List<String> fields) {
        if (fields.isEmpty()) {
            throw invalid("GetModelMetadataRequest must specify at least one metadata_field");
        }
        for (String field : fields) {
            if (!field.equals(SIGNATURE_DEF)) {
                throw invalid("Metadata field " + Words.cut(field) + " is not supported");
            }
        }
    }

    private static GetModelMetadataResponse metadata(VersionStatus version) {
        SignatureDefMap.Builder signatures = SignatureDefMap.newBuilder();
        version.signatures()
                .forEach((name, signature) -> signatures.putSignatureDef(name, SignatureDefs.encode(signature)));
        return GetModelMetadataResponse.newBuilder()
                .setModelSpec(ModelSpecs.version(
                        version.version().model(), version.version().number()))
                .putMetadata(SIGNATURE_DEF, Any.pack(signatures.build()))
                .build();
    }

    private Future<Buffer> status(RpcExchange exchange, ByteBuffer message) {
        return parse(GetModelStatusRequest.parser(), message)
                .map(request -> Messages.write(
                        catalog.status(ModelSpecs.target(request.getModelSpec(), request.hasModelSpec()))))
                .recover(e -> refuse(exchange, e, NOTHING, Method.PREDICT));
    }

    private Future<Buffer> reload(RpcExchange exchange, ByteBuffer message) {
        if (!repositoryControl) {
            return Future.failedFuture(new Failure(
                            GrpcStatus.PERMISSION_DENIED,
                            "changing the served models is switched off on this server (repository-control)")
                    .toRpc());
        }
        return parse(ReloadConfigRequest.parser(), message)
                .compose(request -> control.reload(ReloadRequests.models(request.getConfig())))
                .map(done -> Messages.write(ReloadConfigResponse.newBuilder()
                        .setStatus(StatusProto.getDefaultInstance())
                        .build()))
                .recover(e -> refuse(exchange, e, NOTHING, Method.PREDICT));
    }

    /**
     * A call as this dialect puts it.
     *
     * @param signature null for the default one
     */
    private record Question(
            Target target, @Nullable String signature, List<String> outputs, Inputs inputs, long bytes) {}

    private Future<Answer> ask(RpcExchange exchange, Question question, Method method) {
        exchange.record().asks(method.task());
        Envelope envelope = new Envelope(
                Dialect.TFS_GRPC,
                question.target().model(),
                question.target().selector(),
                question.signature(),
                question.outputs(),
                Map.of(),
                exchange.key(),
                exchange.deadline(),
                question.bytes());
        return services.pipeline()
                .handle(Call.arrived(envelope, question.inputs(), exchange.record(), exchange.cancellation()))
                .recover(e -> refuse(exchange, e, question.target(), method));
    }

    private <T extends MessageLite> Future<T> parse(Parser<T> parser, ByteBuffer message) {
        return pool.runIfHeavy(message.remaining(), () -> Messages.parse(parser, message.duplicate()));
    }

    /** Refuses an inference call, and counts it where that has not happened yet. */
    private Future<Buffer> refuseCall(RpcExchange exchange, Throwable e, Method method) {
        if (e instanceof Unanswered unanswered) {
            Refusal refusal = unanswered.failure().status() == GrpcStatus.UNIMPLEMENTED
                    ? new Refusal.Unsupported(unanswered.failure().text())
                    : new Refusal.Malformed(unanswered.failure().text());
            services.refused(Dialect.TFS_GRPC, exchange.record(), refusal);
        } else if (!(e instanceof RpcFailure)) {
            services.refused(
                    Dialect.TFS_GRPC,
                    exchange.record(),
                    RefusedException.from(e).refusal());
        }
        return refuse(exchange, e, NOTHING, method);
    }

    private static <T> Future<T> refuse(RpcExchange exchange, Throwable e, Target target, Method method) {
        if (e instanceof RpcFailure) {
            return Future.failedFuture(e);
        }
        return Future.failedFuture(failure(exchange, e, target, method).toRpc());
    }

    private static Failure failure(RpcExchange exchange, Throwable e, Target target, Method method) {
        if (e instanceof Unanswered unanswered) {
            return unanswered.failure();
        }
        if (e instanceof ControlException refused) {
            return new Failure(status(refused.reason()), String.valueOf(refused.getMessage()));
        }
        RefusedException refused = RefusedException.from(e);
        if (refused.getCause() != null) {
            log.error("defect while answering request {}", exchange.record().requestId(), refused.getCause());
        }
        if (exchange.record().refusal() == null) {
            exchange.record().refused(refused.refusal());
        }
        return Failures.of(refused.refusal(), target, method);
    }

    private static GrpcStatus status(ControlException.Reason reason) {
        return switch (reason) {
            case NOT_FOUND -> GrpcStatus.NOT_FOUND;
            case INVALID -> GrpcStatus.INVALID_ARGUMENT;
            case PRECONDITION -> GrpcStatus.FAILED_PRECONDITION;
            case FAILED -> GrpcStatus.INTERNAL;
        };
    }

    private static Unanswered invalid(String text) {
        return new Unanswered(Failures.invalid(text));
    }
}
