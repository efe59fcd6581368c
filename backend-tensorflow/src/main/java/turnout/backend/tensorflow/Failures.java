package turnout.backend.tensorflow;

import java.util.regex.Pattern;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;

/** Turns TensorFlow's status into the SPI's failure, with a text fit for clients (S12). */
final class Failures {
    private static final int LONGEST = 300;
    private static final Pattern NODE_TAIL = Pattern.compile("\\s*\\[\\[.*");
    private static final Pattern ABSOLUTE_PATH = Pattern.compile("(?:file:)?(?<![\\w.\\-\\]}>])/[^\\s:;,'\"()\\[\\]]+");
    private static final Pattern ADDRESS = Pattern.compile("0x[0-9a-fA-F]+");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

    private Failures() {}

    static boolean isOk(TF_Status status) {
        return tensorflow.TF_GetCode(status) == tensorflow.TF_OK;
    }

    /** Throws what the status says if it is not well. */
    static void check(TF_Status status, String what) {
        if (!isOk(status)) {
            throw of(status, what);
        }
    }

    /**
     * What the status says. Once a graph is loaded and the request fits its signature, an invalid argument is the model's own complaint:
     * TensorFlow has the same code for both, so the blame follows from who has checked what before.
     */
    static InferenceException of(TF_Status status, String what) {
        return of(status, what, "");
    }

    /** As {@link #of(TF_Status, String)}; the directory is hidden wherever it stands, also if its name has blanks. */
    static InferenceException of(TF_Status status, String what, String directory) {
        int code = tensorflow.TF_GetCode(status);
        String message = tensorflow.TF_Message(status).getString();
        String text = what + ": " + clean(directory.isEmpty() ? message : message.replace(directory, "/model"));
        if (code == tensorflow.TF_RESOURCE_EXHAUSTED) {
            return new InferenceException(ErrorCode.OUT_OF_MEMORY, text);
        }
        return new InferenceException(ErrorCode.MODEL_FAILED, text);
    }

    /** The first line, without paths, addresses and the names of graph nodes behind it. */
    static String clean(String message) {
        String line = message.lines().findFirst().orElse("");
        line = NODE_TAIL.matcher(line).replaceAll("");
        line = ABSOLUTE_PATH.matcher(line).replaceAll("(file)");
        line = ADDRESS.matcher(line).replaceAll("(address)");
        line = CONTROL.matcher(line).replaceAll(" ").strip();
        if (line.isEmpty()) {
            return "TensorFlow gave no reason";
        }
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }
}
