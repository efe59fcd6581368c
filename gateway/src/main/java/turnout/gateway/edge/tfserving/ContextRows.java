package turnout.gateway.edge.tfserving;

import com.google.protobuf.ByteString;
import java.util.List;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;

/**
 * Rows that share a context. The request holds it once and the model gets it once per row, so a small request could ask for any amount of
 * memory: what comes of it is held to a multiple of what came.
 */
final class ContextRows {
    private static final long MOST_GROWTH = 64;
    private static final long SPARE_BYTES = 1 << 20;

    private ContextRows() {}

    /**
     * Each row with the context in front: where both have a feature, the last one counts when the message is parsed.
     *
     * @param requestBytes what was received
     * @throws RefusedException when the rows would be out of proportion to it
     */
    static List<ByteString> of(ByteString context, List<ByteString> rows, long requestBytes) {
        if (context.isEmpty()) {
            return rows;
        }
        long repeated = (long) context.size() * rows.size();
        long most = MOST_GROWTH * requestBytes + SPARE_BYTES;
        if (repeated > most) {
            throw new RefusedException(
                    new Refusal.Malformed("the context of " + context.size() + " bytes is repeated for "
                            + rows.size() + " examples, " + repeated + " bytes in all; expected at most " + most
                            + " for a request of " + requestBytes + ": send fewer examples at a time"));
        }
        return rows.stream().map(context::concat).toList();
    }
}
