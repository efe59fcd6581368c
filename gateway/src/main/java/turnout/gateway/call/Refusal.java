package turnout.gateway.call;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.ErrorCode.Blame;
import turnout.spi.Shapes;
import turnout.spi.TensorSpec;

/**
 * Why a call was not answered, as data. Each dialect writes its own status and words from the facts, by an exhaustive switch over {@link
 * #kind()}; {@link #message()} is for those that have no words of their own.
 *
 * <p>No record holds paths, addresses or class names: everything in it may be shown to the caller.
 */
public sealed interface Refusal {
    /** Which one it is; also its name in metrics and logs. */
    Kind kind();

    /** The facts as a sentence. */
    String message();

    /** Who is at fault. */
    default Blame blame() {
        return kind().blame();
    }

    /** All reasons there are, each with who is at fault. */
    enum Kind {
        MODEL_UNKNOWN(Blame.CALLER),
        VERSION_UNKNOWN(Blame.CALLER),
        LABEL_UNKNOWN(Blame.CALLER),
        NOT_READY(Blame.GATEWAY),
        SIGNATURE_UNKNOWN(Blame.CALLER),
        MALFORMED(Blame.CALLER),
        UNSUPPORTED(Blame.CALLER),
        INPUT_MISSING(Blame.CALLER),
        INPUT_UNEXPECTED(Blame.CALLER),
        OUTPUT_UNEXPECTED(Blame.CALLER),
        OUTPUT_REPEATED(Blame.CALLER),
        DTYPE_MISMATCH(Blame.CALLER),
        SHAPE_MISMATCH(Blame.CALLER),
        TOO_LARGE(Blame.CALLER),
        FORBIDDEN(Blame.CALLER),
        QUEUE_FULL(Blame.CAPACITY),
        OVERLOADED(Blame.CAPACITY),
        EXPIRED_BEFORE_RUN(Blame.CAPACITY),
        EXPIRED_IN_RUN(Blame.BACKEND),
        CALLER_GONE(Blame.NOBODY),
        FAILED(Blame.BACKEND);

        private final Blame blame;

        Kind(Blame blame) {
            this.blame = blame;
        }

        /** Who is at fault. */
        public Blame blame() {
            return blame;
        }
    }

    /** No model of that name. */
    record ModelUnknown(String model) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.MODEL_UNKNOWN;
        }

        @Override
        public String message() {
            return "model '" + model + "' is not found";
        }
    }

    /** The model has no such version. */
    record VersionUnknown(String model, long version) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.VERSION_UNKNOWN;
        }

        @Override
        public String message() {
            return "model '" + model + "' has no version " + version;
        }
    }

    /** The model has no such label. */
    record LabelUnknown(String model, String label, List<String> known) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.LABEL_UNKNOWN;
        }

        @Override
        public String message() {
            return "model '" + model + "' has no label '" + label + "'; labels: "
                    + (known.isEmpty() ? "none" : String.join(", ", known));
        }
    }

    /**
     * The model is known, but nothing that could answer is available now.
     *
     * @param version which version was asked for, -1 for any
     * @param state why, in a word or two ("loading", "failed to load")
     */
    record NotReady(String model, long version, String state) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.NOT_READY;
        }

        @Override
        public String message() {
            return "model '" + model + "'" + (version < 0 ? "" : " version " + version) + " is not available: " + state;
        }
    }

    /** The version has no such signature. */
    record SignatureUnknown(String model, String signature, Set<String> known) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.SIGNATURE_UNKNOWN;
        }

        @Override
        public String message() {
            return "model '" + model + "' has no signature '" + signature + "'; signatures: "
                    + String.join(", ", known.stream().sorted().toList());
        }
    }

    /** The request is not what the protocol asks for; the text names the field, what was found and what was expected. */
    record Malformed(String text) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.MALFORMED;
        }

        @Override
        public String message() {
            return text;
        }
    }

    /** A part of the protocol that is not served. */
    record Unsupported(String text) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.UNSUPPORTED;
        }

        @Override
        public String message() {
            return text;
        }
    }

    /** Required inputs are missing. */
    record InputMissing(String model, List<String> expected, List<String> got, List<String> missing)
            implements Refusal {
        @Override
        public Kind kind() {
            return Kind.INPUT_MISSING;
        }

        @Override
        public String message() {
            return "expected inputs " + expected + " for model '" + model + "', got " + got + "; missing " + missing;
        }
    }

    /** An input that the signature does not have (or one given twice). */
    record InputUnexpected(String model, String input, List<String> expected) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.INPUT_UNEXPECTED;
        }

        @Override
        public String message() {
            return "unexpected input '" + input + "' for model '" + model + "'; expected " + expected;
        }
    }

    /** A wanted output that the signature does not have. */
    record OutputUnexpected(String model, String output, List<String> known) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.OUTPUT_UNEXPECTED;
        }

        @Override
        public String message() {
            return "unexpected output '" + output + "' for model '" + model + "'; known outputs " + known;
        }
    }

    /** An output wanted twice. */
    record OutputRepeated(String model, String output) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.OUTPUT_REPEATED;
        }

        @Override
        public String message() {
            return "output '" + output + "' of model '" + model + "' is requested twice";
        }
    }

    /** An input of another type. */
    record DtypeMismatch(String model, String input, DataType got, DataType expected) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.DTYPE_MISMATCH;
        }

        @Override
        public String message() {
            return "input '" + input + "' of model '" + model + "' is " + got + ", expected " + expected;
        }
    }

    /** An input of another shape; {@code got} is written as {@link Shapes#text} writes it. */
    record ShapeMismatch(String model, String input, String got, TensorSpec expected) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.SHAPE_MISMATCH;
        }

        @Override
        public String message() {
            return "input '" + input + "' of model '" + model + "' has shape " + got + ", expected "
                    + Shapes.text(expected.shape());
        }
    }

    /** More bytes than a limit allows. */
    record TooLarge(String what, long limit) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.TOO_LARGE;
        }

        @Override
        public String message() {
            return what + " exceeds the limit of " + limit + " bytes";
        }
    }

    /** Not allowed to this caller or on this listener. */
    record Forbidden(String text) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.FORBIDDEN;
        }

        @Override
        public String message() {
            return text;
        }
    }

    /** The lane's queue is full. */
    record QueueFull(String model, long waiting, long limit, Unit unit) implements Refusal {
        /** What the limit counts. */
        public enum Unit {
            ROWS,
            BYTES
        }

        @Override
        public Kind kind() {
            return Kind.QUEUE_FULL;
        }

        @Override
        public String message() {
            return "the queue of model '" + model + "' is full: " + waiting + " "
                    + unit.name().toLowerCase(Locale.ROOT) + " wait, the limit is " + limit;
        }
    }

    /** The server as a whole has too much in flight. */
    record Overloaded(String text) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.OVERLOADED;
        }

        @Override
        public String message() {
            return text;
        }
    }

    /** The deadline passed, or could not be met any more, before the call ran. */
    record ExpiredBeforeRun(String text) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.EXPIRED_BEFORE_RUN;
        }

        @Override
        public String message() {
            return text;
        }
    }

    /** The deadline passed while the call ran. */
    record ExpiredInRun(String model) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.EXPIRED_IN_RUN;
        }

        @Override
        public String message() {
            return "the deadline passed while model '" + model + "' was running";
        }
    }

    /** The caller left. */
    record CallerGone() implements Refusal {
        @Override
        public Kind kind() {
            return Kind.CALLER_GONE;
        }

        @Override
        public String message() {
            return "the caller has left";
        }
    }

    /** The backend failed; the code says how and who is to blame. */
    record Failed(ErrorCode code, String text) implements Refusal {
        @Override
        public Kind kind() {
            return Kind.FAILED;
        }

        @Override
        public Blame blame() {
            return code.blame();
        }

        @Override
        public String message() {
            return text;
        }
    }
}
