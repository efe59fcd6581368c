package turnout.gateway.edge.tfserving;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import turnout.gateway.call.Inputs;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.edge.DecodePool;
import turnout.protocol.codec.TensorProtos;
import turnout.protocol.tensorflow.TensorProto;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/** The tensor messages of a gRPC predict. */
final class ProtoInputs implements Inputs {
    private static final long MOST_GROWTH = 99;
    private static final long SPARE_BYTES = 1 << 20;

    private final Map<String, TensorProto> messages;

    ProtoInputs(Map<String, TensorProto> messages) {
        this.messages = messages;
    }

    @Override
    public Map<String, Tensor> bind(Signature signature) {
        checkNames(signature);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        long mayFill = mayFill();
        for (String name : signature.inputs().keySet()) {
            TensorProto message = messages.get(name);
            if (message != null) {
                Tensor tensor = decode(name, message, mayFill);
                mayFill -= Math.max(0, tensor.byteSize() - message.getSerializedSize());
                tensors.put(name, tensor);
            }
        }
        return tensors;
    }

    /** What repeating last values may add: in proportion to the request, or a few bytes would hold megabytes. */
    private long mayFill() {
        long received = 0;
        for (TensorProto message : messages.values()) {
            received += message.getSerializedSize();
        }
        return Math.min(TensorProtos.MAX_FILLED_BYTES, MOST_GROWTH * received + SPARE_BYTES);
    }

    @Override
    public boolean isHeavy() {
        long listed = 0;
        for (TensorProto message : messages.values()) {
            listed += message.getSerializedSize() - message.getTensorContent().size();
        }
        return listed > DecodePool.HEAVY_BYTES;
    }

    @Override
    public boolean allowsLooseShapes() {
        return true;
    }

    private static Tensor decode(String name, TensorProto message, long mayFill) {
        try {
            return TensorProtos.decode(message, mayFill);
        } catch (InferenceException e) {
            String text = "tensor parsing error: " + name + ": " + e.getMessage();
            throw new RefusedException(
                    e.code() == ErrorCode.UNSUPPORTED ? new Refusal.Unsupported(text) : new Refusal.Malformed(text));
        }
    }

    private void checkNames(Signature signature) {
        List<TensorSpec> missing = signature.inputs().values().stream()
                .filter(spec -> !messages.containsKey(spec.name()))
                .filter(spec -> !signature.optionalInputs().contains(spec.name()))
                .toList();
        List<String> extra = messages.keySet().stream()
                .filter(name -> !signature.inputs().containsKey(name))
                .sorted()
                .toList();
        if (missing.isEmpty() && extra.isEmpty()) {
            return;
        }
        int sent = messages.size();
        int expected = signature.inputs().size();
        if (sent == expected && !missing.isEmpty()) {
            TensorSpec first = missing.get(0);
            throw malformed("Signature input alias: " + first.name() + "(feed name: "
                    + first.nativeName()
                    + ") not found in request and no default value provided. Inputs expected to be in the set {"
                    + Failures.join(signature.inputs().keySet()) + "}.");
        }
        throw malformed("input size does not match signature: " + sent + "!=" + expected + " len({"
                + Failures.join(messages.keySet()) + "}) != len({"
                + Failures.join(signature.inputs().keySet())
                + "}). Sent extra: {" + Failures.join(extra) + "}. Missing but required: {"
                + Failures.join(missing.stream().map(TensorSpec::name).toList()) + "}.");
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }
}
