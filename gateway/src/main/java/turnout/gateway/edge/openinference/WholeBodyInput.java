package turnout.gateway.edge.openinference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import turnout.gateway.call.Inputs;
import turnout.spi.Shapes;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/** A body that is nothing but the values of the model's one input; its shape follows from the signature and the size. */
final class WholeBodyInput implements Inputs {
    private final Asked asked;
    private final byte[] body;

    WholeBodyInput(Asked asked, byte[] body) {
        this.asked = asked;
        this.body = body;
    }

    @Override
    public Map<String, Tensor> bind(Signature signature) {
        if (signature.inputs().size() != 1) {
            throw asked.refused("a raw request needs a model with one input, but model '" + Asked.shown(asked.model())
                    + "' has " + signature.inputs().size());
        }
        TensorSpec spec = signature.inputs().values().iterator().next();
        InputCheck check = new InputCheck(asked, signature);
        Tensor tensor = spec.type().isFixedWidth() ? numbers(spec, check) : string(spec, check);
        return Map.of(spec.name(), tensor);
    }

    @Override
    public boolean isHeavy() {
        return false;
    }

    @Override
    public boolean allowsLooseShapes() {
        return false;
    }

    private Tensor numbers(TensorSpec spec, InputCheck check) {
        long[] shape = spec.shape();
        int open = -1;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] < 0) {
                if (open >= 0) {
                    throw asked.refused("a raw request needs an input with at most one open dimension, but input '"
                            + spec.name() + "' is " + Shapes.text(shape));
                }
                open = i;
                shape[i] = 1;
            }
        }
        if (open >= 0) {
            long step = Shapes.byteSize(spec.type(), shape);
            if (step == 0 || body.length % step != 0) {
                throw asked.refused("input byte size mismatch for input '" + spec.name() + "'" + asked.forModel()
                        + ". Expected a multiple of " + step + ", got " + body.length);
            }
            shape[open] = body.length / step;
        }
        return check.tensor(spec.name(), spec.type(), shape, ByteBuffer.wrap(body));
    }

    /** The body is the one string there is, without the length in front. */
    private Tensor string(TensorSpec spec, InputCheck check) {
        long[] shape = spec.shape();
        for (int i = 0; i < shape.length; i++) {
            shape[i] = Math.abs(shape[i]);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.addExact(Integer.BYTES, body.length))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(body.length)
                .put(body)
                .flip();
        return check.tensor(spec.name(), spec.type(), shape, bytes);
    }
}
