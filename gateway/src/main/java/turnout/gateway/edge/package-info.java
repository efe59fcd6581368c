/**
 * The sockets: listeners, heads, bodies and their limits, and what both dialects need to turn bytes into calls and back.
 *
 * <p>{@link turnout.gateway.edge.EdgeServer} hands each request to a {@link turnout.gateway.edge.RestDoor} or a {@link
 * turnout.gateway.edge.GrpcDoor} as an {@link turnout.gateway.edge.Exchange} or an {@link turnout.gateway.edge.RpcExchange}.
 */
@NullMarked
package turnout.gateway.edge;

import org.jspecify.annotations.NullMarked;
