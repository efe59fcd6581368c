package turnout.backend.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

/**
 * The tensors that a session takes and gives.
 *
 * @param signature as clients see them
 * @param inputs what the model calls their dimensions, by input: {@code ["batch", ""]}; empty for a fixed or unnamed one
 * @param outputs the same by output
 */
record SessionTensors(Signature signature, Map<String, List<String>> inputs, Map<String, List<String>> outputs) {

    /**
     * Reads them. An output that is no tensor (a sequence or map, as converted scikit-learn models have) or whose type we do not carry is
     * left out; an input like that makes the model unusable.
     *
     * @throws InferenceException {@link ErrorCode#UNSUPPORTED} when an input cannot be carried or no output is left
     */
    static SessionTensors of(OrtSession session, ModelScan scan, boolean wideUnsigned) throws OrtException {
        List<TensorSpec> inputs = new ArrayList<>();
        Map<String, List<String>> inputDims = new LinkedHashMap<>();
        for (NodeInfo node : session.getInputInfo().values()) {
            TensorInfo info = tensor(node, wideUnsigned)
                    .orElseThrow(
                            () -> unsupported("input \"" + node.getName() + "\" is of a type that is not carried"));
            inputs.add(spec(node.getName(), info, scan));
            inputDims.put(node.getName(), dimensionNames(info));
        }
        List<TensorSpec> outputs = new ArrayList<>();
        Map<String, List<String>> outputDims = new LinkedHashMap<>();
        for (NodeInfo node : session.getOutputInfo().values()) {
            tensor(node, wideUnsigned).ifPresent(info -> {
                outputs.add(spec(node.getName(), info, scan));
                outputDims.put(node.getName(), dimensionNames(info));
            });
        }
        if (outputs.isEmpty()) {
            throw unsupported("no output is of a type that is carried");
        }
        return new SessionTensors(Signature.of(Signature.DEFAULT, inputs, outputs), inputDims, outputDims);
    }

    private static Optional<TensorInfo> tensor(NodeInfo node, boolean wideUnsigned) {
        return node.getInfo() instanceof TensorInfo info
                ? ElementTypes.ofNative(info.onnxType)
                        .filter(type -> wideUnsigned || !isWideUnsigned(type))
                        .map(type -> info)
                : Optional.empty();
    }

    private static boolean isWideUnsigned(DataType type) {
        return type == DataType.UINT16 || type == DataType.UINT32 || type == DataType.UINT64;
    }

    @SuppressWarnings("NullAway") // dims may be null, which is lost in the class file of the record's constructor
    private static TensorSpec spec(String name, TensorInfo info, ModelScan scan) {
        DataType type = ElementTypes.ofNative(info.onnxType).orElseThrow();
        long[] dims = info.getShape();
        boolean unknownRank = dims.length == 0 && scan.withoutShape().contains(name);
        return new TensorSpec(name, type, unknownRank ? null : dims, name);
    }

    private static List<String> dimensionNames(TensorInfo info) {
        String[] names = info.getDimensionNames();
        return names == null
                ? List.of()
                : Arrays.stream(names).map(name -> name == null ? "" : name).toList();
    }

    private static InferenceException unsupported(String problem) {
        return new InferenceException(ErrorCode.UNSUPPORTED, problem);
    }
}
