package turnout.spi;

import java.util.Map;
import java.util.concurrent.CompletionStage;

/** A loaded version that can answer. Knows nothing of version numbers, queues or its own life. */
public interface Servable {
    /** Its signatures by name, in the order in which they are shown; fixed for its life, never empty. */
    Map<String, Signature> signatures();

    /**
     * Runs one request. Called on device worker threads and may block there; one call at a time unless the backend claims
     * {@link Capability#CONCURRENT_RUNS}. A {@link Capability#NON_BLOCKING} backend is called on an event loop and must return at once.
     *
     * @param request matches one of {@link #signatures()}; its buffers are read-only and valid until the stage completes
     * @return the wanted outputs, owned by the caller, who closes the response; or a stage failed with {@link InferenceException}: {@link
     *     ErrorCode#INVALID_INPUT} for data that a shape cannot show to be wrong, {@link ErrorCode#MODEL_FAILED} when the model failed,
     *     {@link ErrorCode#DEADLINE} or {@link ErrorCode#CANCELLED} when the run was ended early. An exception thrown instead counts as
     *     {@link ErrorCode#INTERNAL}, unless it is an {@code InferenceException}
     */
    CompletionStage<InferenceResponse> infer(InferenceRequest request);
}
