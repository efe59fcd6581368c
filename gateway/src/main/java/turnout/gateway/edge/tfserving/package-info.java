/**
 * TensorFlow Serving's dialect, over REST and over gRPC: bytes to calls, answers and refusals back to bytes.
 *
 * <p>Start with {@link turnout.gateway.edge.tfserving.TfsRest} and {@link turnout.gateway.edge.tfserving.TfsGrpc}.
 */
@NullMarked
package turnout.gateway.edge.tfserving;

import org.jspecify.annotations.NullMarked;
