package turnout.gateway.edge.openinference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;
import turnout.spi.InferenceException;
import turnout.spi.Shapes;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/** What both forms of a request check of an input once the signature is known, in the words that clients know. */
record InputCheck(Asked asked, Signature signature) {
    /**
     * Refuses an input that the signature does not have or has with another type, before anything of it is decoded. A misspelt name is
     * named here, before the bind room would say that another is missing.
     */
    void declared(String input, DataType type) {
        TensorSpec spec = signature
                .input(input)
                .orElseThrow(() -> new RefusedException(new Refusal.InputUnexpected(
                        asked.model(), input, List.copyOf(signature.inputs().keySet()))));
        if (spec.type() != type) {
            throw new RefusedException(new Refusal.DtypeMismatch(asked.model(), input, type, spec.type()));
        }
    }

    /** A tensor over bytes in wire form. */
    Tensor tensor(String input, DataType type, long[] shape, ByteBuffer bytes) {
        if (type.isFixedWidth()) {
            int wanted = byteSize(input, type, shape);
            if (bytes.remaining() != wanted) {
                throw asked.refused("input byte size mismatch for input '" + Asked.shown(input) + "'" + asked.forModel()
                        + ". Expected " + wanted + ", got " + bytes.remaining());
            }
        } else {
            strings(input, elements(input, shape), bytes);
        }
        return new Tensor(type, shape, bytes);
    }

    /** Elements of a shape; refuses one that cannot be, naming the input. */
    long elements(String input, long[] shape) {
        try {
            return Shapes.elements(shape);
        } catch (InferenceException e) {
            throw wrongShape(input, e);
        }
    }

    private int byteSize(String input, DataType type, long[] shape) {
        try {
            return Shapes.byteSize(type, shape);
        } catch (InferenceException e) {
            throw wrongShape(input, e);
        }
    }

    private RefusedException wrongShape(String input, InferenceException cause) {
        return asked.refused(
                "invalid shape for input '" + Asked.shown(input) + "'" + asked.forModel() + ": " + cause.getMessage());
    }

    private void strings(String input, long wanted, ByteBuffer bytes) {
        ByteBuffer view = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long seen = 0;
        while (view.hasRemaining()) {
            int left = view.remaining() - Integer.BYTES;
            int length = left < 0 ? -1 : view.getInt();
            if (length < 0 || length > left) {
                throw asked.refused("incomplete string element " + seen + " for inference input '" + Asked.shown(input)
                        + "'" + asked.forModel() + ": its length or its bytes run past the end of the data");
            }
            view.position(view.position() + length);
            seen++;
        }
        if (seen != wanted) {
            throw asked.refused("expected " + wanted + " string elements for inference input '" + Asked.shown(input)
                    + "'" + asked.forModel() + ", got " + seen);
        }
    }
}
