package turnout.gateway.edge;

import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.CancelSource;
import turnout.spi.Deadline;

/**
 * The call around a unary RPC's message.
 *
 * @param metadata the client's headers
 * @param record what happens to the call; its facts go into trailing metadata
 * @param cancellation fires when the client cancels, its deadline passes on its side, or its connection ends
 * @param deadline from {@code grpc-timeout} or {@code x-turnout-timeout-ms}, whichever is earlier; null when neither was given
 * @param key {@code x-turnout-key}, null when not given
 */
public record RpcExchange(
        MultiMap metadata,
        CallRecord record,
        CancelSource cancellation,
        @Nullable Deadline deadline,
        @Nullable String key) {}
