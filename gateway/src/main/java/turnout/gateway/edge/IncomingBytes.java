package turnout.gateway.edge;

import java.util.concurrent.atomic.AtomicLong;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;

/**
 * The bytes that requests without an answer have sent, of all event loops together. Bounded from the first chunk on: admission sees a call
 * only when its body is complete, and a thousand bodies half arrived fill the heap as well.
 */
final class IncomingBytes {
    private final long limit;
    private final AtomicLong held = new AtomicLong();

    IncomingBytes(long limit) {
        this.limit = limit;
    }

    long held() {
        return held.get();
    }

    Share open() {
        return new Share();
    }

    /** What one request holds, until it is closed. Used on the request's event loop only. */
    final class Share {
        private long mine;
        private boolean isClosed;

        /** Adds to what the request holds; false if it would be too much, or the request has had its answer. */
        boolean take(long bytes) {
            if (isClosed) {
                return false;
            }
            if (held.addAndGet(bytes) > limit) {
                held.addAndGet(-bytes);
                return false;
            }
            mine += bytes;
            return true;
        }

        /** The request holds nothing any more. */
        void close() {
            held.addAndGet(-mine);
            mine = 0;
            isClosed = true;
        }

        boolean isClosed() {
            return isClosed;
        }

        /** Why nothing more was taken. */
        RefusedException full() {
            return new RefusedException(
                    new Refusal.Overloaded("too many bytes of requests in memory, the limit is " + limit));
        }
    }
}
