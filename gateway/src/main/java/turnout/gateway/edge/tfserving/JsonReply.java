package turnout.gateway.edge.tfserving;

import io.vertx.core.buffer.Buffer;
import java.util.Map;
import turnout.gateway.call.Answer;
import turnout.gateway.edge.Exchange;
import turnout.gateway.edge.ReplyCoding;

/**
 * A document on its way out, compressed where the caller can read that. (TensorFlow Serving never compresses.)
 *
 * @param body the document, as it is sent
 * @param headers what says how to read it
 */
record JsonReply(Buffer body, Map<String, String> headers) {
    /** For caches on the way: another client may need another form. */
    private static final String VARY = "Vary";

    private static final String ACCEPT = "Accept-Encoding";

    /** How many bytes could be written in the time in which one is compressed, roughly. */
    private static final int COMPRESSION = 8;

    static JsonReply of(JsonOutput text, ReplyCoding coding) {
        Buffer plain = text.toBuffer();
        return coding.applies(plain.length())
                ? new JsonReply(coding.compress(plain), Map.of("Content-Encoding", coding.token(), VARY, ACCEPT))
                : new JsonReply(plain, Map.of(VARY, ACCEPT));
    }

    static ReplyCoding coding(Exchange exchange) {
        return ReplyCoding.of(exchange.header(ACCEPT));
    }

    /** What making it costs, in bytes that are merely written. */
    static long cost(Answer answer, ReplyCoding coding) {
        return coding == ReplyCoding.IDENTITY ? answer.bytes() : answer.bytes() * COMPRESSION;
    }
}
