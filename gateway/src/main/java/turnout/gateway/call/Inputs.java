package turnout.gateway.call;

import java.util.Map;
import turnout.spi.Signature;
import turnout.spi.Tensor;

/**
 * A call's inputs as they came, not decoded yet: only the signature of the version that routing picks says what the bytes mean. Each
 * dialect has its own.
 */
public interface Inputs {
    /**
     * Decodes the inputs. Called at most once per call, after routing. Checks what only the dialect can know (spelling, nesting, declared
     * against actual bytes, names where its rules differ); names, types and shapes are checked again for all dialects by the bind room.
     *
     * @return tensors by input name, views of the request's own memory where possible, on the heap
     * @throws RefusedException naming the field at fault
     */
    Map<String, Tensor> bind(Signature signature);

    /** Whether decoding takes long enough to be kept off the event loop. */
    boolean isHeavy();

    /**
     * Whether a shape that lacks a declared last dimension of one is passed on where the backend allows it ({@link
     * turnout.spi.Capability#LOOSE_SHAPES}), as TensorFlow Serving does; other dialects refuse them.
     */
    boolean allowsLooseShapes();
}
