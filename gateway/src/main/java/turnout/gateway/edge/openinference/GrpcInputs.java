package turnout.gateway.edge.openinference;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import turnout.gateway.call.Inputs;
import turnout.gateway.edge.DecodePool;
import turnout.protocol.openinference.InferTensorContents;
import turnout.protocol.openinference.ModelInferRequest;
import turnout.protocol.openinference.ModelInferRequest.InferInputTensor;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.Tensor;

/** The inputs of a {@code ModelInferRequest}: all raw, or all typed. */
final class GrpcInputs implements Inputs {
    private final Asked asked;
    private final List<InferInputTensor> inputs;
    private final List<ByteBuffer> raw;
    private final boolean heavy;

    private GrpcInputs(Asked asked, List<InferInputTensor> inputs, List<ByteBuffer> raw, boolean heavy) {
        this.asked = asked;
        this.inputs = inputs;
        this.raw = raw;
        this.heavy = heavy;
    }

    /** Checks what can be checked without the model. */
    static GrpcInputs of(Asked asked, ModelInferRequest request, MessageParts parts) {
        List<InferInputTensor> inputs = request.getInputsList();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < inputs.size(); i++) {
            InferInputTensor input = inputs.get(i);
            String name = Asked.shown(input.getName());
            if (!names.add(input.getName())) {
                throw Asked.malformed("input '" + name + "' already exists in request");
            }
            if (input.containsParameters("shared_memory_region")) {
                throw Asked.unsupported(
                        "shared memory is not served: input '" + name + "' must carry its contents in the request");
            }
            if (!parts.raw().isEmpty() && input.hasContents()) {
                throw asked.refused("contents field must not be specified when using raw_input_contents for '" + name
                        + "'" + asked.forModel());
            }
            if (i >= parts.raw().size() && (!parts.raw().isEmpty() || !input.hasContents())) {
                throw asked.refused(
                        "unable to find data for input tensor '" + name + "'" + asked.forModel() + " in request.");
            }
        }
        if (parts.raw().size() > inputs.size()) {
            throw asked.refused("raw_input_contents has " + parts.raw().size() + " entries, but the request has "
                    + inputs.size() + " inputs" + asked.forModel());
        }
        return new GrpcInputs(asked, inputs, parts.raw(), parts.head().length > DecodePool.HEAVY_BYTES);
    }

    @Override
    public Map<String, Tensor> bind(Signature signature) {
        InputCheck check = new InputCheck(asked, signature);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (InferInputTensor input : inputs) {
            check.declared(input.getName(), type(input));
        }
        for (int i = 0; i < inputs.size(); i++) {
            InferInputTensor input = inputs.get(i);
            tensors.put(input.getName(), tensor(input, i, check));
        }
        return tensors;
    }

    @Override
    public boolean isHeavy() {
        return heavy;
    }

    @Override
    public boolean allowsLooseShapes() {
        return false;
    }

    private Tensor tensor(InferInputTensor input, int index, InputCheck check) {
        long[] shape = new long[input.getShapeCount()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = input.getShape(i);
        }
        if (raw.isEmpty()) {
            InferTensorContents contents = input.getContents();
            return new TypedContents(input.getName(), type(input), check).tensor(shape, contents);
        }
        return check.tensor(input.getName(), type(input), shape, raw.get(index));
    }

    private static DataType type(InferInputTensor input) {
        return DataType.named(input.getDatatype())
                .orElseThrow(() -> Asked.malformed("invalid datatype for input " + Asked.shown(input.getName())));
    }
}
