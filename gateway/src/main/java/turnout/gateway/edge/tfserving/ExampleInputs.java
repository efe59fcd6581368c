package turnout.gateway.edge.tfserving;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import turnout.gateway.call.Inputs;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/** Rows as serialised {@code tf.Example} messages, for a signature that takes them as one tensor of strings. */
final class ExampleInputs implements Inputs {
    private final List<ByteString> examples;
    private final Method method;

    /**
     * @param method what the signature must be made for
     */
    ExampleInputs(List<ByteString> examples, Method method) {
        this.examples = List.copyOf(examples);
        this.method = method;
    }

    int count() {
        return examples.size();
    }

    @Override
    public Map<String, Tensor> bind(Signature signature) {
        if (!signature.method().equals(method.wireName())) {
            throw malformed("Expected " + (method == Method.CLASSIFY ? "classification" : "regression")
                    + " signature method_name to be " + method.wireName() + ". Was: " + signature.method());
        }
        if (signature.inputs().size() != 1) {
            throw malformed("Expected one input Tensor.");
        }
        TensorSpec only = signature.inputs().values().iterator().next();
        if (only.type() != DataType.BYTES) {
            throw malformed("Expected the input Tensor to be of type string. Was: " + TypeNames.of(only.type()));
        }
        long size = 0;
        for (ByteString example : examples) {
            size += Integer.BYTES + (long) example.size();
        }
        if (size > Integer.MAX_VALUE) {
            throw malformed("examples of " + size + " bytes exceed the limit of 2 GiB for one tensor");
        }
        ByteBuffer data = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        for (ByteString example : examples) {
            data.putInt(example.size());
            example.copyTo(data);
        }
        return Map.of(only.name(), new Tensor(DataType.BYTES, new long[] {examples.size()}, data.flip()));
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean allowsLooseShapes() {
        return true;
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }
}
