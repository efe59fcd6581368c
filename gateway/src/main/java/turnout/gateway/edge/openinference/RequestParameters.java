package turnout.gateway.edge.openinference;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import turnout.spi.Deadline;
import turnout.spi.Ticker;

/**
 * A request's parameters, sorted into what the protocol gives a meaning and what is for the model.
 *
 * @param timeoutMicros how long the caller waits, 0 if it did not say
 * @param binaryOutput whether outputs are wanted as bytes by default
 * @param forModel the rest
 */
record RequestParameters(long timeoutMicros, boolean binaryOutput, Map<String, Object> forModel) {
    /** Of a request that cannot carry any: outputs come as bytes, as its input did. */
    static final RequestParameters RAW = new RequestParameters(0, true, Map.of());

    private static final String TIMEOUT = "timeout";
    private static final String BINARY_OUTPUT = "binary_data_output";

    /** Asks for a reply that only models with several replies per request have another one to. */
    private static final String EMPTY_FINAL = "triton_enable_empty_final_response";

    /** Have a meaning for servers that schedule by them; here all requests are equal, and none is part of a sequence. */
    private static final Set<String> IGNORED =
            Set.of("priority", "sequence_id", "sequence_start", "sequence_end", "headers", EMPTY_FINAL);

    /**
     * @param given String, Long, Double or Boolean by name
     */
    static RequestParameters of(Map<String, Object> given) {
        long timeout = 0;
        boolean binary = false;
        Map<String, Object> rest = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : given.entrySet()) {
            String name = entry.getKey();
            Object value = entry.getValue();
            if (name.equals(TIMEOUT)) {
                if (!(value instanceof Long micros) || micros < 0) {
                    throw Asked.malformed("parameter 'timeout' must be a whole number of microseconds");
                }
                timeout = micros;
            } else if (name.equals(BINARY_OUTPUT)) {
                if (!(value instanceof Boolean wanted)) {
                    throw Asked.malformed("parameter 'binary_data_output' must be true or false");
                }
                binary = wanted;
            } else if (!IGNORED.contains(name)) {
                rest.put(name, forModel(name, value));
            }
        }
        return new RequestParameters(timeout, binary, rest);
    }

    private static Object forModel(String name, Object value) {
        if (name.startsWith("triton_")) {
            throw Asked.malformed(
                    "parameter keys starting with 'triton_' are reserved for Triton usage and should not be specified.");
        }
        return value;
    }

    /** The earlier of the transport's deadline and the timeout; null when there is neither. */
    @Nullable
    Deadline deadline(@Nullable Deadline transport, Ticker ticker) {
        if (timeoutMicros == 0) {
            return transport;
        }
        Deadline own =
                Deadline.after(Duration.ofSeconds(timeoutMicros / 1_000_000, timeoutMicros % 1_000_000 * 1000), ticker);
        return transport == null ? own : own.min(transport);
    }
}
