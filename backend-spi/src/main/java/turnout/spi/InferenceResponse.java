package turnout.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a run gave. The outputs may lie in native memory: the gateway copies what it needs and closes the response, once, on the thread
 * that completed the run; after that the buffers must not be touched.
 */
public final class InferenceResponse implements AutoCloseable {
    private final Map<String, Tensor> outputs;
    private final Runnable release;

    /**
     * @param outputs by name, in the order in which they were asked for
     * @param release frees the memory behind the outputs; called once
     */
    public InferenceResponse(Map<String, Tensor> outputs, Runnable release) {
        this.outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        this.release = release;
    }

    /** A response whose outputs lie on the Java heap. */
    public static InferenceResponse ofHeap(Map<String, Tensor> outputs) {
        return new InferenceResponse(outputs, () -> {});
    }

    /** The outputs by name. */
    public Map<String, Tensor> outputs() {
        return outputs;
    }

    @Override
    public void close() {
        release.run();
    }
}
