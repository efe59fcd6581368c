package turnout.gateway.lane;

import java.util.Arrays;
import java.util.Map;
import turnout.gateway.call.Bound;
import turnout.spi.Shapes;
import turnout.spi.Tensor;

/**
 * What calls must have in common to be joined: signature, outputs, and each input's type and dimensions after axis 0.
 *
 * @param text the parts as one string; unique for a call that may not be joined
 * @param isAlone whether nothing may be joined with it
 */
record BucketKey(String text, boolean isAlone) {
    private static final BucketKey ALONE = new BucketKey("", true);

    static BucketKey of(Bound bound, Map<String, Object> parameters, boolean joinable) {
        if (!joinable || !parameters.isEmpty() || !sameRows(bound)) {
            return ALONE;
        }
        StringBuilder text = new StringBuilder(bound.signature().name());
        // Their order too: a run gives its outputs in one order.
        for (String output : bound.outputs()) {
            text.append('\0').append(output);
        }
        text.append('\0');
        bound.inputs().forEach((name, tensor) -> {
            long[] shape = tensor.shape();
            text.append('\0').append(name).append('\0').append(tensor.type());
            text.append(Shapes.text(Arrays.copyOfRange(shape, 1, shape.length)));
        });
        return new BucketKey(text.toString(), false);
    }

    private static boolean sameRows(Bound bound) {
        long rows = -1;
        for (Tensor tensor : bound.inputs().values()) {
            if (tensor.shape().length == 0 || (rows >= 0 && tensor.shape()[0] != rows)) {
                return false;
            }
            rows = tensor.shape()[0];
        }
        // Without rows there is nothing to join, and nothing to tell the answers apart by.
        return rows > 0;
    }
}
