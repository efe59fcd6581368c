package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Refusal;

/** Answers one unary RPC. Called on an event loop; never blocks. */
@FunctionalInterface
public interface RpcHandler {
    /**
     * @param exchange the call around the message
     * @param message the request message, usually backed by an array so that parsers need not copy it; stays valid, and nobody may write to it
     * @return the response message; or a failure: {@link RpcFailure} for a status of the dialect's own choice, anything else is INTERNAL
     */
    Future<Buffer> handle(RpcExchange exchange, ByteBuffer message);

    /** Hears of a call that the edge refused, before or instead of {@link #handle}. */
    default void refused(CallRecord record, Refusal refusal) {}
}
