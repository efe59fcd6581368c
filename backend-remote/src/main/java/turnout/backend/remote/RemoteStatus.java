package turnout.backend.remote;

import io.vertx.grpc.common.GrpcStatus;
import java.util.regex.Pattern;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;

/** Says in the SPI's terms why a call failed. */
final class RemoteStatus {
    private static final int MAX_MESSAGE = 300;

    // Paths, addresses, URLs, host:port, pointers, class names: what a client must not learn of the remote side.
    private static final Pattern INTERNAL = Pattern.compile(
            "(^|[\\s\"'(=\\[:,])/[\\w.-]+/|\\b\\d{1,3}(\\.\\d{1,3}){3}\\b|://|\\bipv[46]:"
                    + "|\\b[\\w-]+(\\.[\\w-]+)+:\\d|\\blocalhost\\b|0x[0-9a-fA-F]{5,}|\\b[a-z]+(\\.[a-z]\\w*)+\\.[A-Z]\\w+|\\.(cc|py|h):\\d");
    private static final Pattern OUT_OF_MEMORY = Pattern.compile("(?i)\\bOOM\\b|out of memory|allocat");

    private RemoteStatus() {}

    /** The failure for an outcome that is not an answer. */
    static InferenceException explain(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return new InferenceException(code(failed), text(failed));
        }
        if (outcome instanceof Outcome.Cut cut) {
            return new InferenceException(ErrorCode.UNAVAILABLE, cut.what());
        }
        return new InferenceException(ErrorCode.UNAVAILABLE, "the remote server is not available");
    }

    private static ErrorCode code(Outcome.Failed failed) {
        return switch (failed.status()) {
            case INVALID_ARGUMENT -> ErrorCode.INVALID_INPUT;
            case DEADLINE_EXCEEDED -> ErrorCode.DEADLINE;
            case CANCELLED -> ErrorCode.CANCELLED;
            case UNIMPLEMENTED -> ErrorCode.UNSUPPORTED;
            case RESOURCE_EXHAUSTED ->
                OUT_OF_MEMORY.matcher(failed.message()).find() ? ErrorCode.OUT_OF_MEMORY : ErrorCode.UNAVAILABLE;
            // The version was unloaded there: another may come.
            case UNAVAILABLE, NOT_FOUND -> ErrorCode.UNAVAILABLE;
            // A signature that the remote version lost is a model's fault, not the caller's: the call fitted what we
            // were told.
            case OK,
                    UNKNOWN,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    OUT_OF_RANGE,
                    INTERNAL,
                    DATA_LOSS,
                    UNAUTHENTICATED -> ErrorCode.MODEL_FAILED;
        };
    }

    private static String text(Outcome.Failed failed) {
        String said = "the remote server answered " + failed.status().name();
        // The first line only, and not the graph's nodes that TensorFlow lists behind it.
        String message = failed.message().lines().findFirst().orElse("").replaceFirst("\\s*\\[\\[.*", "");
        if (message.isBlank() || tellsInternals(failed.status(), message)) {
            return said;
        }
        return said + ": " + (message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...");
    }

    // Of a server's own troubles nothing is passed on: such texts are about its machines.
    private static boolean tellsInternals(GrpcStatus status, String message) {
        return status == GrpcStatus.UNAVAILABLE
                || status == GrpcStatus.INTERNAL
                || INTERNAL.matcher(message).find();
    }
}
