package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.DataFormatException;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.Ticker;

/**
 * Reads request bodies within their limits: size on the wire, size after decompression, least rate. Also resets streams of HTTP/2 whose
 * client stops reading its answer.
 */
final class BodyReader {
    private final Vertx vertx;
    private final EdgeConfig config;
    private final DecodePool pool;
    private final IncomingBytes incoming;
    private final Ticker ticker;

    BodyReader(Vertx vertx, EdgeConfig config, DecodePool pool, IncomingBytes incoming, Ticker ticker) {
        this.vertx = vertx;
        this.config = config;
        this.pool = pool;
        this.incoming = incoming;
        this.ticker = ticker;
    }

    /** What a request's body is counted in; the caller closes it with the answer. */
    IncomingBytes.Share share() {
        return incoming.open();
    }

    Future<byte[]> read(HttpServerRequest request, IncomingBytes.Share share) {
        String header = request.getHeader("Content-Encoding");
        String encoding = header == null ? "identity" : header.trim().toLowerCase(Locale.ROOT);
        Inflation inflation;
        switch (encoding) {
            case "identity", "" -> inflation = Inflation.NONE;
            case "gzip", "x-gzip" -> inflation = Inflation.GZIP;
            case "deflate" -> inflation = Inflation.DEFLATE;
            default -> {
                return Future.failedFuture(new RefusedException(new Refusal.Unsupported(
                        "Unsupported compression type: Content-Encoding must be gzip, deflate or identity")));
            }
        }
        Future<byte[]> raw = collect(request, share);
        if (inflation == Inflation.NONE) {
            return raw;
        }
        // However small: a few bytes may become a thousand times as many.
        return raw.compose(bytes -> pool.run(() -> inflate(inflation, bytes))).map(bytes -> counted(bytes, share));
    }

    /** Resets the stream when the client does not read the answer; a connection that stalls is {@link ConnectionGuard}'s. */
    void guardWrite(HttpServerRequest request, Future<Void> written) {
        if (written.isComplete()) {
            return;
        }
        ConnectionGuard.of(request.connection())
                .flatMap(ConnectionGuard::streams)
                .ifPresent(streams -> guardStream(request, written, streams));
    }

    private void guardStream(HttpServerRequest request, Future<Void> written, StreamReads streams) {
        int stream = request.streamId();
        long[] progress = {streams.progress(stream)};
        long[] stalledSince = {ticker.nanos()};
        long interval = Math.max(1, config.writeStall().toMillis() / 4);
        long timer = vertx.setPeriodic(interval, id -> {
            long now = ticker.nanos();
            if (!streams.isBlocked(stream) || streams.progress(stream) != progress[0]) {
                progress[0] = streams.progress(stream);
                stalledSince[0] = now;
            } else if (now - stalledSince[0] >= config.writeStall().toNanos()) {
                HangUp.now(request);
            }
        });
        written.onComplete(done -> vertx.cancelTimer(timer));
    }

    /** Closes the connection once the answer is written. */
    void hangUpAfter(HttpServerRequest request, Future<Void> written) {
        HangUp.afterAnswer(vertx, request, written);
    }

    /** Hangs up on a client that drips a body which somebody else reads. */
    void guardRate(HttpServerRequest request) {
        long[] readAtLastCheck = {0};
        vertx.setPeriodic(config.bodyGrace().toMillis(), 1000, id -> {
            if (request.isEnded()
                    || request.response().ended()
                    || request.response().closed()) {
                vertx.cancelTimer(id);
            } else if (request.bytesRead() - readAtLastCheck[0] < config.bodyBytesPerSecond()) {
                vertx.cancelTimer(id);
                HangUp.now(request);
            }
            readAtLastCheck[0] = request.bytesRead();
        });
    }

    private static byte[] counted(byte[] inflated, IncomingBytes.Share share) {
        if (!share.take(inflated.length)) {
            throw share.full();
        }
        return inflated;
    }

    private byte[] inflate(Inflation inflation, byte[] bytes) {
        try {
            return inflation.inflate(bytes, config.inflatedBytes());
        } catch (DataFormatException e) {
            throw new RefusedException(new Refusal.Malformed(
                    "the body is not valid " + inflation.name().toLowerCase(Locale.ROOT) + ": " + e.getMessage()));
        }
    }

    private Future<byte[]> collect(HttpServerRequest request, IncomingBytes.Share share) {
        long declared = declaredLength(request);
        if (declared > config.bodyBytes()) {
            return Future.failedFuture(tooLarge());
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        Promise<byte[]> promise = Promise.promise();
        Collector collector = new Collector(request, share, promise, (int) Math.max(0, declared));
        request.handler(collector::chunk);
        request.endHandler(end -> collector.end());
        request.exceptionHandler(collector::fail);
        return promise.future();
    }

    private RefusedException tooLarge() {
        return new RefusedException(new Refusal.TooLarge("the request body", config.bodyBytes()));
    }

    private static long declaredLength(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return length != null && length.matches("[0-9]{1,18}") ? Long.parseLong(length) : -1;
    }

    /** Gathers one body; the array grows with what has arrived, so that a declared length alone reserves nothing much. */
    private final class Collector {
        private static final int FIRST_BYTES = 1 << 20;

        private final HttpServerRequest request;
        private final IncomingBytes.Share share;
        private final Promise<byte[]> promise;
        private final int declared;
        private final long rateTimer;
        private byte[] bytes;
        private int count;
        private int countAtLastCheck;

        Collector(HttpServerRequest request, IncomingBytes.Share share, Promise<byte[]> promise, int declared) {
            this.request = request;
            this.share = share;
            this.promise = promise;
            this.declared = declared;
            this.bytes = new byte[Math.min(declared, FIRST_BYTES)];
            this.rateTimer = vertx.setPeriodic(config.bodyGrace().toMillis(), 1000, id -> checkRate());
        }

        void chunk(Buffer chunk) {
            int length = chunk.length();
            if ((long) count + length > config.bodyBytes()) {
                stop(tooLarge());
                return;
            }
            if (!share.take(length)) {
                stop(share.full());
                return;
            }
            if (count + length > bytes.length) {
                long grown = Math.max(count + (long) length, Math.min(bytes.length * 2L, config.bodyBytes()));
                if (declared > 0) {
                    grown = Math.max(count + (long) length, Math.min(grown, declared));
                }
                bytes = Arrays.copyOf(bytes, (int) grown);
            }
            chunk.getBytes(bytes, count);
            count += length;
        }

        void end() {
            vertx.cancelTimer(rateTimer);
            promise.tryComplete(bytes.length == count ? bytes : Arrays.copyOf(bytes, count));
        }

        void fail(Throwable cause) {
            stop(new RefusedException(new Refusal.CallerGone()));
        }

        private void checkRate() {
            if (count - countAtLastCheck < config.bodyBytesPerSecond()) {
                stop(new RefusedException(new Refusal.Malformed("the request body arrives too slowly: less than "
                        + config.bodyBytesPerSecond() + " bytes per second")));
                // A client that drips its body rarely reads an answer either.
                vertx.setTimer(1000, id -> HangUp.now(request));
            }
            countAtLastCheck = count;
        }

        private void stop(RefusedException reason) {
            vertx.cancelTimer(rateTimer);
            request.handler(ignored -> {});
            bytes = new byte[0];
            count = 0;
            promise.tryFail(reason);
        }
    }
}
