package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Refusal;

/**
 * A handler of inference calls: those that do not get as far as to it are counted too.
 *
 * @param services that count
 * @param dialect whose method it is
 * @param handler the method itself
 */
public record InferenceRpc(Services services, Dialect dialect, RpcHandler handler) implements RpcHandler {
    @Override
    public Future<Buffer> handle(RpcExchange exchange, ByteBuffer message) {
        return handler.handle(exchange, message);
    }

    @Override
    public void refused(CallRecord record, Refusal refusal) {
        services.refused(dialect, record, refusal);
    }
}
