package turnout.backend.remote;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import turnout.backend.remote.RemoteCall.RemoteServer;
import turnout.protocol.codec.TensorProtos;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tfserving.ModelSpec;
import turnout.protocol.tfserving.PredictRequest;
import turnout.protocol.tfserving.PredictResponse;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/** A version whose runs are Predict calls. Safe for any thread: everything happens on the backend's event loop. */
final class RemoteServable implements Servable {
    // Endpoints are the operator's choice, so an answer may grow further than a request, but not without bounds.
    private static final long MAX_FILLED_BYTES = 256L << 20;

    private final Context loop;
    private final RemoteServer server;
    private final ModelSpec spec;
    private final Map<String, Signature> signatures;
    private volatile boolean closed;

    RemoteServable(Context loop, RemoteServer server, ModelSpec spec, Map<String, Signature> signatures) {
        this.loop = loop;
        this.server = server;
        this.spec = spec;
        this.signatures = signatures;
    }

    @Override
    public Map<String, Signature> signatures() {
        return signatures;
    }

    @Override
    public CompletionStage<InferenceResponse> infer(InferenceRequest request) {
        if (closed) {
            return CompletableFuture.failedFuture(
                    new InferenceException(ErrorCode.UNAVAILABLE, "the version was unloaded"));
        }
        CompletableFuture<InferenceResponse> response = new CompletableFuture<>();
        loop.runOnContext(v -> run(request, response));
        return response;
    }

    void close() {
        closed = true;
    }

    private void run(InferenceRequest request, CompletableFuture<InferenceResponse> response) {
        try {
            Buffer body = Buffer.buffer(encode(request).toByteArray());
            var unused = new RemoteCall(server, RemoteMethod.PREDICT, body, request.deadline())
                    .start(request.cancellation())
                    .whenComplete((answer, failure) -> complete(request, response, answer, failure));
        } catch (RuntimeException e) {
            response.completeExceptionally(internal(e));
        }
    }

    private static void complete(
            InferenceRequest request,
            CompletableFuture<InferenceResponse> response,
            Buffer answer,
            @Nullable Throwable failure) {
        if (failure != null) {
            response.completeExceptionally(failure);
            return;
        }
        InferenceResponse decoded;
        try {
            decoded = decode(request, answer);
        } catch (InferenceException e) {
            response.completeExceptionally(e);
            return;
        } catch (RuntimeException e) {
            response.completeExceptionally(internal(e));
            return;
        }
        response.complete(decoded);
    }

    private PredictRequest encode(InferenceRequest request) {
        PredictRequest.Builder predict = PredictRequest.newBuilder()
                .setModelSpec(
                        spec.toBuilder().setSignatureName(request.signature().name()))
                .addAllOutputFilter(request.outputs());
        request.inputs().forEach((name, tensor) -> predict.putInputs(name, TensorProtos.encode(tensor)));
        return predict.build();
    }

    private static InferenceResponse decode(InferenceRequest request, Buffer answer) {
        PredictResponse predict = parse(answer);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        long budget = MAX_FILLED_BYTES;
        for (String name : request.outputs()) {
            TensorProto proto = predict.getOutputsMap().get(name);
            TensorSpec declared = request.signature().outputs().get(name);
            if (proto == null || declared == null) {
                throw malformed("output \"" + name + "\" is missing", null);
            }
            Tensor tensor = decode(name, proto, budget);
            if (tensor.type() != declared.type()) {
                throw malformed(
                        "output \"" + name + "\" is " + tensor.type() + ", declared is " + declared.type(), null);
            }
            budget -= Math.max(0, tensor.byteSize() - (long) proto.getSerializedSize());
            outputs.put(name, tensor);
        }
        return InferenceResponse.ofHeap(outputs);
    }

    private static Tensor decode(String name, TensorProto proto, long maxFilledBytes) {
        try {
            return TensorProtos.decode(proto, maxFilledBytes);
        } catch (InferenceException e) {
            // What is invalid here is the server's answer, not the caller's input.
            throw malformed("output \"" + name + "\": " + e.getMessage(), e);
        }
    }

    private static PredictResponse parse(Buffer answer) {
        ByteString bytes = UnsafeByteOperations.unsafeWrap(answer.getBytes());
        CodedInputStream in = bytes.newCodedInput();
        // The bytes are ours alone, so tensors may stay where they came in.
        in.enableAliasing(true);
        try {
            return PredictResponse.parseFrom(in);
        } catch (IOException e) {
            throw malformed("not a Predict answer", e);
        }
    }

    private static InferenceException malformed(String what, @Nullable Throwable cause) {
        return new InferenceException(
                ErrorCode.MODEL_FAILED, "the remote server's answer is malformed: " + what, cause);
    }

    private static InferenceException internal(RuntimeException e) {
        return new InferenceException(ErrorCode.INTERNAL, "the remote call failed unexpectedly", e);
    }
}
