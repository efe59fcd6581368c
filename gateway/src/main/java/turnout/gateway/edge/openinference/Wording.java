package turnout.gateway.edge.openinference;

import io.vertx.grpc.common.GrpcStatus;
import java.util.List;
import java.util.stream.Collectors;
import turnout.gateway.call.Refusal;
import turnout.gateway.lifecycle.Catalog;
import turnout.gateway.lifecycle.ModelStatus;
import turnout.spi.ErrorCode;
import turnout.spi.Shapes;

/** Refusals as this protocol's clients know them: status and text. */
final class Wording {
    private final Catalog catalog;

    Wording(Catalog catalog) {
        this.catalog = catalog;
    }

    /** The status over HTTP. */
    int httpStatus(Refusal refusal) {
        return switch (refusal.kind()) {
            case MODEL_UNKNOWN, VERSION_UNKNOWN, LABEL_UNKNOWN -> 404;
            case NOT_READY -> isUnloaded((Refusal.NotReady) refusal) ? 404 : 503;
            case SIGNATURE_UNKNOWN,
                    MALFORMED,
                    INPUT_MISSING,
                    INPUT_UNEXPECTED,
                    OUTPUT_UNEXPECTED,
                    OUTPUT_REPEATED,
                    DTYPE_MISMATCH,
                    SHAPE_MISMATCH -> 400;
            case UNSUPPORTED -> 501;
            case TOO_LARGE -> 413;
            case FORBIDDEN -> 403;
            case QUEUE_FULL, OVERLOADED, EXPIRED_BEFORE_RUN -> 503;
            case EXPIRED_IN_RUN -> 504;
            case CALLER_GONE -> 499;
            case FAILED -> httpStatus(((Refusal.Failed) refusal).code());
        };
    }

    /** The status over gRPC. */
    GrpcStatus grpcStatus(Refusal refusal) {
        return switch (refusal.kind()) {
            case MODEL_UNKNOWN, VERSION_UNKNOWN, LABEL_UNKNOWN -> GrpcStatus.NOT_FOUND;
            case NOT_READY -> isUnloaded((Refusal.NotReady) refusal) ? GrpcStatus.NOT_FOUND : GrpcStatus.UNAVAILABLE;
            case SIGNATURE_UNKNOWN,
                    MALFORMED,
                    INPUT_MISSING,
                    INPUT_UNEXPECTED,
                    OUTPUT_UNEXPECTED,
                    OUTPUT_REPEATED,
                    DTYPE_MISMATCH,
                    SHAPE_MISMATCH -> GrpcStatus.INVALID_ARGUMENT;
            case UNSUPPORTED -> GrpcStatus.UNIMPLEMENTED;
            case TOO_LARGE -> GrpcStatus.RESOURCE_EXHAUSTED;
            case FORBIDDEN -> GrpcStatus.PERMISSION_DENIED;
            // Not RESOURCE_EXHAUSTED: this protocol's clients know a full queue as UNAVAILABLE.
            case QUEUE_FULL, OVERLOADED -> GrpcStatus.UNAVAILABLE;
            case EXPIRED_BEFORE_RUN, EXPIRED_IN_RUN -> GrpcStatus.DEADLINE_EXCEEDED;
            case CALLER_GONE -> GrpcStatus.CANCELLED;
            case FAILED -> grpcStatus(((Refusal.Failed) refusal).code());
        };
    }

    /** Whether trying again in a moment may help. */
    static boolean asksForPatience(Refusal refusal) {
        return refusal.kind() == Refusal.Kind.QUEUE_FULL || refusal.kind() == Refusal.Kind.OVERLOADED;
    }

    /**
     * The text.
     *
     * @param id of the request, empty if it has none
     */
    static String text(Refusal refusal, String id) {
        return switch (refusal.kind()) {
            case MODEL_UNKNOWN -> unknown(((Refusal.ModelUnknown) refusal).model()) + " is not found";
            case VERSION_UNKNOWN -> {
                Refusal.VersionUnknown facts = (Refusal.VersionUnknown) refusal;
                yield unknown(facts.model()) + " version " + facts.version() + " is not found";
            }
            case NOT_READY -> {
                Refusal.NotReady facts = (Refusal.NotReady) refusal;
                yield facts.version() < 0
                        ? unknown(facts.model()) + " has no available versions"
                        : unknown(facts.model()) + " version " + facts.version() + " is not at ready state";
            }
            case INPUT_MISSING -> Asked.prefix(id) + missing((Refusal.InputMissing) refusal);
            case INPUT_UNEXPECTED -> {
                Refusal.InputUnexpected facts = (Refusal.InputUnexpected) refusal;
                yield "unexpected inference input " + quoted(facts.input()) + forModel(facts.model());
            }
            case OUTPUT_UNEXPECTED -> {
                Refusal.OutputUnexpected facts = (Refusal.OutputUnexpected) refusal;
                yield "unexpected inference output " + quoted(facts.output()) + forModel(facts.model());
            }
            case DTYPE_MISMATCH -> {
                Refusal.DtypeMismatch facts = (Refusal.DtypeMismatch) refusal;
                yield Asked.prefix(id) + "inference input " + quoted(facts.input()) + " data-type is '" + facts.got()
                        + "', but model " + quoted(facts.model()) + " expects '" + facts.expected() + "'";
            }
            case SHAPE_MISMATCH -> {
                Refusal.ShapeMismatch facts = (Refusal.ShapeMismatch) refusal;
                yield Asked.prefix(id) + "unexpected shape for input " + quoted(facts.input())
                        + forModel(facts.model()) + ". Expected "
                        + Shapes.text(facts.expected().shape()) + ", got " + facts.got() + ".";
            }
            case QUEUE_FULL -> Asked.prefix(id) + "Exceeds maximum queue size";
            case EXPIRED_BEFORE_RUN, EXPIRED_IN_RUN -> Asked.prefix(id) + "Request timeout expired";
            case LABEL_UNKNOWN,
                    SIGNATURE_UNKNOWN,
                    MALFORMED,
                    UNSUPPORTED,
                    OUTPUT_REPEATED,
                    TOO_LARGE,
                    FORBIDDEN,
                    OVERLOADED,
                    CALLER_GONE,
                    FAILED -> refusal.message();
        };
    }

    /** An explicit unload is no outage: the model is not there, and trying again does not help. */
    private boolean isUnloaded(Refusal.NotReady facts) {
        return facts.version() < 0
                && catalog.model(facts.model())
                        .map(ModelStatus::servesNothingOnPurpose)
                        .orElse(false);
    }

    private static int httpStatus(ErrorCode code) {
        return switch (code) {
            case INVALID_INPUT -> 400;
            case UNSUPPORTED -> 501;
            case MODEL_FAILED, INTERNAL -> 500;
            case OUT_OF_MEMORY, UNAVAILABLE -> 503;
            case DEADLINE -> 504;
            case CANCELLED -> 499;
        };
    }

    private static GrpcStatus grpcStatus(ErrorCode code) {
        return switch (code) {
            case INVALID_INPUT -> GrpcStatus.INVALID_ARGUMENT;
            case UNSUPPORTED -> GrpcStatus.UNIMPLEMENTED;
            case MODEL_FAILED, INTERNAL -> GrpcStatus.INTERNAL;
            case OUT_OF_MEMORY, UNAVAILABLE -> GrpcStatus.UNAVAILABLE;
            case DEADLINE -> GrpcStatus.DEADLINE_EXCEEDED;
            case CANCELLED -> GrpcStatus.CANCELLED;
        };
    }

    private static String missing(Refusal.InputMissing facts) {
        return "expected " + facts.expected().size() + " inputs but got "
                + facts.got().size() + " inputs" + forModel(facts.model()) + ". Got input(s) " + list(facts.got())
                + ", but missing required input(s) " + list(facts.missing())
                + ". Please provide all required input(s).";
    }

    private static String list(List<String> names) {
        return names.stream().map(Wording::quoted).collect(Collectors.joining(",", "[", "]"));
    }

    private static String unknown(String model) {
        return "Request for unknown model: " + quoted(model);
    }

    private static String forModel(String model) {
        return " for model " + quoted(model);
    }

    private static String quoted(String word) {
        return "'" + Asked.shown(word) + "'";
    }
}
