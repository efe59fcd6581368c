package turnout.gateway.edge.tfserving;

import io.vertx.grpc.common.GrpcStatus;
import java.util.Collection;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.Words;
import turnout.spi.ErrorCode;

/** Says the gateway's refusals in TensorFlow Serving's words, to which clients and dashboards are used. */
final class Failures {
    private static final int LONGEST_LIST = 2000;

    private Failures() {}

    /**
     * The refusal in this dialect.
     *
     * @param target what was asked for
     * @param method what for
     */
    static Failure of(Refusal refusal, Target target, Method method) {
        return switch (refusal.kind()) {
            case MODEL_UNKNOWN, VERSION_UNKNOWN -> notFound(target);
            case LABEL_UNKNOWN -> labelUnknown(((Refusal.LabelUnknown) refusal).label());
            case NOT_READY -> notReady((Refusal.NotReady) refusal, target);
            case SIGNATURE_UNKNOWN ->
                method.signatureUnknown(Words.cut(((Refusal.SignatureUnknown) refusal).signature()));
            case MALFORMED, INPUT_MISSING, INPUT_UNEXPECTED, DTYPE_MISMATCH, SHAPE_MISMATCH ->
                invalid(refusal.message());
            case OUTPUT_UNEXPECTED -> outputUnexpected((Refusal.OutputUnexpected) refusal);
            case OUTPUT_REPEATED ->
                invalid("duplicate output tensor alias: " + Words.cut(((Refusal.OutputRepeated) refusal).output()));
            case UNSUPPORTED -> new Failure(GrpcStatus.UNIMPLEMENTED, refusal.message());
            case TOO_LARGE -> new Failure(GrpcStatus.RESOURCE_EXHAUSTED, refusal.message());
            case FORBIDDEN -> new Failure(GrpcStatus.PERMISSION_DENIED, refusal.message());
            case QUEUE_FULL, OVERLOADED -> new Failure(GrpcStatus.UNAVAILABLE, refusal.message());
            case EXPIRED_BEFORE_RUN -> new Failure(GrpcStatus.DEADLINE_EXCEEDED, refusal.message());
            case EXPIRED_IN_RUN -> new Failure(GrpcStatus.DEADLINE_EXCEEDED, "Timed out waiting for notification");
            case CALLER_GONE -> new Failure(GrpcStatus.CANCELLED, refusal.message());
            case FAILED -> new Failure(status(((Refusal.Failed) refusal).code()), refusal.message());
        };
    }

    static Failure invalid(String text) {
        return new Failure(GrpcStatus.INVALID_ARGUMENT, text);
    }

    static Failure notFound(Target target) {
        return new Failure(GrpcStatus.NOT_FOUND, "Servable not found for request: " + target.text());
    }

    static Failure labelUnknown(String label) {
        return invalid("Unrecognized servable version label: " + Words.cut(label));
    }

    /** TensorFlow Serving says "not found" of everything that it has not loaded; but what is being loaded is worth a retry. */
    private static Failure notReady(Refusal.NotReady refusal, Target target) {
        return refusal.state().startsWith("loading")
                ? new Failure(GrpcStatus.UNAVAILABLE, refusal.message())
                : notFound(target);
    }

    private static Failure outputUnexpected(Refusal.OutputUnexpected refusal) {
        return invalid("output tensor alias not found in signature: " + Words.cut(refusal.output())
                + " Outputs expected to be in the set {" + join(refusal.known()) + "}.");
    }

    private static GrpcStatus status(ErrorCode code) {
        return switch (code) {
            // A graph's own check of its values fails as INVALID_ARGUMENT in TensorFlow, which TensorFlow Serving hands
            // on.
            case INVALID_INPUT, MODEL_FAILED -> GrpcStatus.INVALID_ARGUMENT;
            case UNSUPPORTED -> GrpcStatus.UNIMPLEMENTED;
            // Not RESOURCE_EXHAUSTED, which is 429 over HTTP: the caller did not ask too often, the server has too
            // little.
            case OUT_OF_MEMORY, UNAVAILABLE -> GrpcStatus.UNAVAILABLE;
            case DEADLINE -> GrpcStatus.DEADLINE_EXCEEDED;
            case CANCELLED -> GrpcStatus.CANCELLED;
            case INTERNAL -> GrpcStatus.INTERNAL;
        };
    }

    /** Names with commas between, the rest left out where there are too many. */
    static String join(Collection<String> names) {
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            if (text.length() > LONGEST_LIST) {
                return text.append(",...").toString();
            }
            text.append(text.isEmpty() ? "" : ",").append(Words.cut(name));
        }
        return text.toString();
    }
}
