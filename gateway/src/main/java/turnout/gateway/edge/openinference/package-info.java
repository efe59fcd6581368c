/**
 * The Open Inference Protocol (version 2) over HTTP and gRPC: bytes to calls, answers and refusals to bytes.
 *
 * <p>Start with {@link turnout.gateway.edge.openinference.OipRest} and {@link turnout.gateway.edge.openinference.OipGrpc}.
 */
@NullMarked
package turnout.gateway.edge.openinference;

import org.jspecify.annotations.NullMarked;
