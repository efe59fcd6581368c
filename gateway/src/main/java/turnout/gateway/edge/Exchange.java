package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.CancelSource;
import turnout.spi.Deadline;
import turnout.spi.Ticker;

/** One HTTP request and the one answer to it. Used on its event loop only. */
public final class Exchange {
    private final HttpServerRequest request;
    private final BodyReader reader;
    private final IncomingBytes.Share share;
    private final Ticker ticker;
    private final CallRecord record;
    private final CancelSource cancellation = new CancelSource();
    private Map<String, String> always = Map.of();

    Exchange(HttpServerRequest request, BodyReader reader, Ticker ticker) {
        this.request = request;
        this.reader = reader;
        this.share = reader.share();
        this.ticker = ticker;
        this.record = new CallRecord(RequestHeaders.requestId(request.headers()), ticker.nanos());
        request.response().closeHandler(closed -> {
            share.close();
            if (!request.response().ended()) {
                cancellation.cancel();
            }
        });
    }

    /** The verb. */
    public HttpMethod method() {
        return request.method();
    }

    /** The path as it stands on the wire, not decoded, without the query. */
    public String path() {
        String path = request.path();
        return path == null ? "" : path;
    }

    /** The query as it stands on the wire, null if there is none. */
    public @Nullable String query() {
        return request.query();
    }

    /** A header's first value, null if it is not there. */
    public @Nullable String header(String name) {
        return request.getHeader(name);
    }

    /**
     * The whole body, inflated where it came compressed. Call at most once, before any asynchronous step.
     *
     * @return the bytes, never written to again; or a failure with {@link turnout.gateway.call.RefusedException}: {@code TooLarge}, {@code
     *     Malformed} for a body that cannot be inflated, {@code Unsupported} for an encoding other than gzip, deflate and identity, {@code
     *     Overloaded} when other requests fill the memory
     */
    public Future<byte[]> body() {
        return reader.read(request, share);
    }

    /** What happens to the call; its facts go into the answer's headers. */
    public CallRecord record() {
        return record;
    }

    /** Fires when the client leaves before it was answered. */
    public CancelSource cancellation() {
        return cancellation;
    }

    /**
     * The deadline of {@code x-turnout-timeout-ms}, null when it is not there.
     *
     * @throws turnout.gateway.call.RefusedException when it is not a positive number
     */
    public @Nullable Deadline deadline() {
        return RequestHeaders.deadline(request.headers(), ticker);
    }

    /**
     * What the caller wants to be dealt by, null when it did not say.
     *
     * @throws turnout.gateway.call.RefusedException when it is too long
     */
    public @Nullable String key() {
        return RequestHeaders.key(request.headers());
    }

    /** Headers that the answer has, whatever it will be. */
    public void always(Map<String, String> headers) {
        always = Map.copyOf(headers);
    }

    /** Answers with a JSON body. */
    public void respondJson(int status, Buffer body) {
        respond(status, "application/json", body, Map.of());
    }

    /** Answers without a body. */
    public void respondEmpty(int status) {
        respond(status, null, Buffer.buffer(), Map.of());
    }

    /**
     * Answers: head and body in one write. Does nothing when the client has left.
     *
     * @param contentType null for an answer without a body
     * @param headers further headers
     */
    public void respond(int status, @Nullable String contentType, Buffer body, Map<String, String> headers) {
        share.close();
        HttpServerResponse response = request.response();
        if (response.closed() || response.ended()) {
            return;
        }
        response.setStatusCode(status);
        if (contentType != null) {
            response.putHeader("Content-Type", contentType);
        }
        RequestHeaders.describe(record, response.headers());
        always.forEach(response::putHeader);
        headers.forEach(response::putHeader);
        boolean isLast = HangUp.leavesBodyUnread(request);
        if (isLast) {
            // Whatever is still coming is not going to be read: an HTTP/1.1 connection cannot be used again.
            response.putHeader("Connection", "close");
        }
        Future<Void> written = response.end(body);
        reader.guardWrite(request, written);
        if (isLast) {
            reader.hangUpAfter(request, written);
        }
    }
}
