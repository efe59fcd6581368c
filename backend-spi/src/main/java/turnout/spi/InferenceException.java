package turnout.spi;

import org.jspecify.annotations.Nullable;

/**
 * The only failure that crosses the SPI. The message says what, where and what was expected; it may be shown to clients, so it names no
 * paths, addresses or class names.
 */
public final class InferenceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /** A failure without a cause worth keeping: it carries no stack trace, since it is expected and may be frequent. */
    public InferenceException(ErrorCode code, String message) {
        this(code, message, null);
    }

    /** A failure with the exception that explains it, for the log. */
    public InferenceException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause, false, cause != null || code == ErrorCode.INTERNAL);
        this.code = code;
    }

    /** Shorthand for {@link ErrorCode#INVALID_INPUT}. */
    public static InferenceException invalidInput(String message) {
        return new InferenceException(ErrorCode.INVALID_INPUT, message);
    }

    /** Why it failed. */
    public ErrorCode code() {
        return code;
    }

    /** The message; never null. */
    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? code.name() : message;
    }
}
