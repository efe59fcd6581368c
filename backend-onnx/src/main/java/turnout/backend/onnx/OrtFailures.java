package turnout.backend.onnx;

import ai.onnxruntime.OrtException;
import java.util.Locale;
import java.util.regex.Pattern;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;

/** Turns the runtime's errors into ours. Its messages name files, source lines and C++ functions; clients get what is left without them. */
final class OrtFailures {
    private static final int LONGEST = 300;
    // Names out of the model's file are in these texts: bound the work on them.
    private static final int LONGEST_READ = 4000;

    private static final Pattern PREFIX = Pattern.compile("^Error code - \\w+ - message: ");
    private static final Pattern LOADED_FROM =
            Pattern.compile("(Load model from|Model file path:) .*?( failed:|$)", Pattern.DOTALL);
    // "/src/core/reshape_helper.h:47 onnxruntime::ReshapeHelper::ReshapeHelper(const TensorShape&, int) text": all but
    // the text.
    private static final Pattern SOURCE_LINE =
            Pattern.compile("\\S*/\\S+\\.(?:h|hpp|cc|cpp|cu|cuh):\\d+\\s+(?:[^\\s(][^(]*\\([^)]*\\)(?: const)?\\s*)?");
    private static final Pattern PATH =
            Pattern.compile("(?<![\\w.])(?:[A-Za-z]:)?[/\\\\][\\w.~+-]+(?:[/\\\\][\\w.~+-]*)*");
    private static final Pattern ADDRESS = Pattern.compile("0x[0-9a-fA-F]+");
    private static final Pattern CPP_NAME = Pattern.compile("\\b\\w+::[\\w:~<>]+");
    private static final Pattern BLANKS = Pattern.compile("\\s+");

    private OrtFailures() {}

    static InferenceException whileLoading(String version, OrtException failure) {
        return new InferenceException(
                code(failure), version + ": model.onnx cannot be loaded: " + message(failure), failure);
    }

    static InferenceException whileRunning(OrtException failure) {
        return new InferenceException(code(failure), "the model failed: " + message(failure), failure);
    }

    /** The runtime's message without anything that tells of this machine, in one line. */
    static String message(OrtException failure) {
        String text = String.valueOf(failure.getMessage());
        text = text.substring(0, Math.min(text.length(), LONGEST_READ));
        text = PREFIX.matcher(text).replaceFirst("");
        text = LOADED_FROM.matcher(text).replaceAll("");
        text = SOURCE_LINE.matcher(text).replaceAll("");
        text = PATH.matcher(text).replaceAll("(path)");
        text = ADDRESS.matcher(text).replaceAll("(address)");
        text = CPP_NAME.matcher(text).replaceAll("");
        text = BLANKS.matcher(text).replaceAll(" ").strip();
        if (text.isEmpty()) {
            text = failure.getCode().toString();
        }
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }

    // The runtime has no code of its own for it.
    private static ErrorCode code(OrtException failure) {
        String text = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        boolean memory = text.contains("failed to allocate memory")
                || text.contains("bad_alloc")
                || text.contains("out of memory")
                || text.contains("available memory of");
        return memory ? ErrorCode.OUT_OF_MEMORY : ErrorCode.MODEL_FAILED;
    }
}
