package turnout.gateway.edge.openinference;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.function.Function;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.edge.GrpcDoor;
import turnout.gateway.edge.InferenceRpc;
import turnout.gateway.edge.RpcHandler;
import turnout.gateway.edge.RpcRegistry;
import turnout.gateway.edge.Services;
import turnout.gateway.lifecycle.Catalog;
import turnout.gateway.lifecycle.ModelControl;
import turnout.protocol.openinference.ModelConfigRequest;
import turnout.protocol.openinference.ModelMetadataRequest;
import turnout.protocol.openinference.ModelReadyRequest;
import turnout.protocol.openinference.ModelReadyResponse;
import turnout.protocol.openinference.ModelRepositoryParameter;
import turnout.protocol.openinference.ModelStatisticsRequest;
import turnout.protocol.openinference.OpenInferenceProto;
import turnout.protocol.openinference.RepositoryIndexRequest;
import turnout.protocol.openinference.RepositoryModelLoadRequest;
import turnout.protocol.openinference.RepositoryModelLoadResponse;
import turnout.protocol.openinference.RepositoryModelUnloadRequest;
import turnout.protocol.openinference.RepositoryModelUnloadResponse;
import turnout.protocol.openinference.ServerLiveRequest;
import turnout.protocol.openinference.ServerLiveResponse;
import turnout.protocol.openinference.ServerMetadataRequest;
import turnout.protocol.openinference.ServerReadyRequest;
import turnout.protocol.openinference.ServerReadyResponse;

/** The Open Inference Protocol over gRPC: {@code inference.GRPCInferenceService}. */
public final class OipGrpc implements GrpcDoor {
    private static final String SERVICE = "GRPCInferenceService";

    private final Questions questions;
    private final RepositoryControl control;
    private final GrpcErrors errors;
    private final RpcHandler inference;

    /**
     * @param repositoryControl whether clients of the data port may load and unload models
     */
    public OipGrpc(
            Services services, Catalog catalog, ModelControl control, boolean repositoryControl, DecodePool pool) {
        this.questions = new Questions(new Models(catalog), services);
        this.control = new RepositoryControl(control, repositoryControl);
        this.errors = new GrpcErrors(new Wording(catalog));
        this.inference = new InferenceRpc(services, Dialect.OIP_GRPC, new GrpcInfer(services, errors, pool)::handle);
    }

    @Override
    public void register(RpcRegistry registry) {
        registry.service(OpenInferenceProto.getDescriptor().findServiceByName(SERVICE))
                .unary("ServerLive", answer(ServerLiveRequest.parser(), request -> ServerLiveResponse.newBuilder()
                        .setLive(true)
                        .build()))
                .unary("ServerReady", answer(ServerReadyRequest.parser(), request -> ServerReadyResponse.newBuilder()
                        .setReady(questions.isServerReady())
                        .build()))
                .unary(
                        "ServerMetadata",
                        answer(ServerMetadataRequest.parser(), request -> Messages.server(questions.serverVersion())))
                .unary("ModelReady", answer(ModelReadyRequest.parser(), request -> ModelReadyResponse.newBuilder()
                        .setReady(questions.isReady(request.getName(), Asked.version(request.getVersion())))
                        .build()))
                .unary(
                        "ModelMetadata",
                        answer(
                                ModelMetadataRequest.parser(),
                                request -> Messages.metadata(
                                        questions.metadata(request.getName(), Asked.version(request.getVersion())))))
                .unary(
                        "ModelConfig",
                        answer(
                                ModelConfigRequest.parser(),
                                request -> Messages.config(
                                        questions.metadata(request.getName(), Asked.version(request.getVersion())))))
                .unary(
                        "ModelStatistics",
                        answer(
                                ModelStatisticsRequest.parser(),
                                request -> Messages.statistics(
                                        questions.statistics(request.getName(), Asked.version(request.getVersion())))))
                .unary(
                        "RepositoryIndex",
                        answer(
                                RepositoryIndexRequest.parser(),
                                request -> Messages.index(questions.index(request.getReady()))))
                .unary("RepositoryModelLoad", handler(RepositoryModelLoadRequest.parser(), this::load))
                .unary("RepositoryModelUnload", handler(RepositoryModelUnloadRequest.parser(), this::unload))
                .unary("ModelInfer", inference);
    }

    private Future<MessageLite> load(RepositoryModelLoadRequest request) {
        String model = controlled(request.getRepositoryName(), request.getModelName());
        Map<String, ModelRepositoryParameter> parameters = request.getParametersMap();
        return control.load(model, parameters.keySet()).map(done -> RepositoryModelLoadResponse.newBuilder()
                .setModelName(model)
                .setIsLoaded(true)
                .build());
    }

    private Future<MessageLite> unload(RepositoryModelUnloadRequest request) {
        String model = controlled(request.getRepositoryName(), request.getModelName());
        return control.unload(model).map(done -> RepositoryModelUnloadResponse.newBuilder()
                .setModelName(model)
                .setIsUnloaded(true)
                .build());
    }

    /** The model to load or unload: one kind of client names it in the field where the other names a repository. */
    private String controlled(String repository, String model) {
        if (!control.isAllowed()) {
            throw new RefusedException(new Refusal.Forbidden(RepositoryControl.FORBIDDEN));
        }
        if (!repository.isEmpty() && !model.isEmpty()) {
            throw Asked.unsupported("'repository_name' specification is not supported");
        }
        return model.isEmpty() ? repository : model;
    }

    private <Q extends MessageLite> RpcHandler answer(Parser<Q> parser, Function<Q, MessageLite> answer) {
        return handler(parser, request -> Future.succeededFuture(answer.apply(request)));
    }

    private <Q extends MessageLite> RpcHandler handler(Parser<Q> parser, Function<Q, Future<MessageLite>> answer) {
        return (exchange, message) -> Future.succeededFuture(message)
                .map(bytes -> {
                    try {
                        return parser.parseFrom(bytes);
                    } catch (InvalidProtocolBufferException e) {
                        throw Asked.malformed("the message cannot be read");
                    }
                })
                .compose(answer)
                .map(reply -> Buffer.buffer(reply.toByteArray()))
                .recover(failure -> errors.failed(failure, ""));
    }
}
