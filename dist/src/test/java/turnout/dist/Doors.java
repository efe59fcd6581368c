package turnout.dist;

import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import turnout.protocol.codec.TensorProtos;
import turnout.protocol.openinference.InferTensorContents;
import turnout.protocol.openinference.ModelInferRequest;
import turnout.protocol.openinference.ModelInferResponse;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tfserving.ModelSpec;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictResponse;
import turnout.spi.DataType;
import turnout.spi.Tensor;
import turnout.testkit.Tensors;

/** A client of one server that asks the same question at any door, over connections of its own. */
final class Doors implements AutoCloseable {
    private final RestDoors rest;
    private final GrpcCaller grpc;

    Doors(int port) {
        rest = new RestDoors(port);
        grpc = new GrpcCaller(Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1)), port);
    }

    GrpcCaller grpc() {
        return grpc;
    }

    RestDoors rest() {
        return rest;
    }

    /** Asks; fails with {@link NotAnswered} where the server refuses, with what the connection met else. */
    CompletableFuture<Reply> ask(Door door, Question question) {
        return switch (door) {
            case TFS_REST_ROWS -> rest.predictRows(question);
            case TFS_REST_COLUMNS -> rest.predictColumns(question);
            case TFS_GRPC_CONTENT -> predict(question, true);
            case TFS_GRPC_LISTS -> predict(question, false);
            case OIP_REST_JSON -> rest.inferJson(question);
            case OIP_REST_BINARY -> rest.inferBinary(question);
            case OIP_GRPC_RAW -> infer(question, true);
            case OIP_GRPC_TYPED -> infer(question, false);
        };
    }

    /** The message for TensorFlow Serving's gRPC door, each tensor as a list of its type. */
    static PredictRequest predictRequest(Question question) {
        return predictRequest(question, false);
    }

    private static PredictRequest predictRequest(Question question, boolean content) {
        ModelSpec.Builder spec =
                ModelSpec.newBuilder().setName(question.model()).setSignatureName(question.signature());
        Long version = question.version();
        if (version != null) {
            spec.setVersion(Int64Value.of(version));
        }
        PredictRequest.Builder request = PredictRequest.newBuilder().setModelSpec(spec);
        question.inputs()
                .forEach((name, tensor) -> request.putInputs(
                        name, content ? TensorProtos.encode(tensor) : TensorProtos.encodeLists(tensor)));
        return request.build();
    }

    private CompletableFuture<Reply> predict(Question question, boolean content) {
        return grpc.call(
                        GrpcCaller.PREDICTION,
                        "Predict",
                        predictRequest(question, content),
                        PredictResponse.getDefaultInstance(),
                        metadata(question))
                .thenApply(received -> {
                    Map<String, Tensor> outputs = new LinkedHashMap<>();
                    for (Map.Entry<String, TensorProto> output :
                            received.message().getOutputsMap().entrySet()) {
                        outputs.put(output.getKey(), TensorProtos.decode(output.getValue()));
                    }
                    long version =
                            received.message().getModelSpec().getVersion().getValue();
                    return new Reply(Long.toString(version), header(received), outputs);
                });
    }

    /** The message for the Open Inference Protocol's gRPC door. */
    static ModelInferRequest inferRequest(Question question, boolean raw) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(question.model());
        Long version = question.version();
        if (version != null) {
            request.setModelVersion(Long.toString(version));
        }
        question.inputs().forEach((name, tensor) -> {
            ModelInferRequest.InferInputTensor.Builder input = request.addInputsBuilder()
                    .setName(name)
                    .setDatatype(tensor.type().name());
            for (long dim : tensor.shape()) {
                input.addShape(dim);
            }
            if (raw) {
                request.addRawInputContents(ByteString.copyFrom(tensor.data()));
            } else {
                input.setContents(contents(tensor));
            }
        });
        return request.build();
    }

    private CompletableFuture<Reply> infer(Question question, boolean raw) {
        return grpc.call(
                        GrpcCaller.INFERENCE,
                        "ModelInfer",
                        inferRequest(question, raw),
                        ModelInferResponse.getDefaultInstance(),
                        metadata(question))
                .thenApply(received -> {
                    ModelInferResponse message = received.message();
                    Map<String, Tensor> outputs = new LinkedHashMap<>();
                    for (int i = 0; i < message.getOutputsCount(); i++) {
                        ModelInferResponse.InferOutputTensor output = message.getOutputs(i);
                        outputs.put(
                                output.getName(),
                                new Tensor(
                                        DataType.valueOf(output.getDatatype()),
                                        output.getShapeList().stream()
                                                .mapToLong(Long::longValue)
                                                .toArray(),
                                        message.getRawOutputContents(i).asReadOnlyByteBuffer()));
                    }
                    return new Reply(message.getModelVersion(), header(received), outputs);
                });
    }

    /** Each type in the list that the protocol gives it. */
    private static InferTensorContents contents(Tensor tensor) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (Object element : TensorText.flat(tensor)) {
            switch (tensor.type()) {
                case BOOL -> contents.addBoolContents((Boolean) element);
                case INT8, INT16, INT32 -> contents.addIntContents(((Number) element).intValue());
                case INT64 -> contents.addInt64Contents(((Number) element).longValue());
                case UINT8, UINT16, UINT32 -> contents.addUintContents(((Number) element).intValue());
                case UINT64 -> contents.addUint64Contents(((Number) element).longValue());
                case FP32 -> contents.addFp32Contents(((Number) element).floatValue());
                case FP64 -> contents.addFp64Contents(((Number) element).doubleValue());
                case BYTES -> contents.addBytesContents(ByteString.copyFromUtf8(element.toString()));
                case FP16, BF16 -> throw new AssertionError(tensor.type() + " has no list");
            }
        }
        return contents.build();
    }

    private static Map<String, String> metadata(Question question) {
        String key = question.key();
        return key == null ? Map.of() : Map.of("x-turnout-key", key);
    }

    private static String header(GrpcCaller.Received<?> received) {
        return String.valueOf(received.metadata().get("x-turnout-version"));
    }

    /** FP32 of one dimension. */
    static Tensor floats(float... values) {
        return Tensors.floats(values);
    }

    @Override
    public void close() {
        grpc.close();
    }
}
