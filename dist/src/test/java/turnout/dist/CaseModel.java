package turnout.dist;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A test model and how it is called.
 *
 * @param signature null for the default one, which is the only one that an ONNX file has
 */
record CaseModel(String name, @Nullable String signature) {
    static final List<CaseModel> PLAIN = twins("half_plus_two", null, "half_plus_two_onnx");
    static final List<CaseModel> PAIR = twins("multi_io", null, "multi_io_onnx");
    static final List<CaseModel> FLOATS = twins("echo", "float32", "echo_float32_onnx");
    static final List<CaseModel> INTEGERS = twins("echo", "int32", "echo_int32_onnx");
    static final List<CaseModel> STRINGS = twins("echo", "string", "echo_string_onnx");
    static final List<CaseModel> NAMED = twins("named", null, "named_onnx");
    static final List<CaseModel> THREE = twins("named", "three", "named_three_onnx");
    static final List<CaseModel> SLICES = twins("slices", null, "slices_onnx");

    /** A SavedModel and the ONNX file that does the same. */
    private static List<CaseModel> twins(String tensorflow, @Nullable String signature, String onnx) {
        return List.of(new CaseModel(tensorflow, signature), new CaseModel(onnx, null));
    }

    /** Those that hand a list of that type back. */
    static List<CaseModel> ofType(String type) {
        return twins("identity", type, "identity_" + type + "_onnx");
    }

    /** A signature of a SavedModel that can have no twin. */
    static List<CaseModel> only(String tensorflow, @Nullable String signature) {
        return List.of(new CaseModel(tensorflow, signature));
    }
}
