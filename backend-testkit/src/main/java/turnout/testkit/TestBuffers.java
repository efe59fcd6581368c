package turnout.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import turnout.spi.Buffers;

/**
 * Lends direct, 64-byte-aligned memory as the gateway does, and knows what is still out. Every buffer is filled with junk first, since the
 * gateway's pool gives no clean memory either. Safe for any thread.
 */
public final class TestBuffers implements Buffers {
    private static final int ALIGNMENT = 64;
    private static final byte JUNK = (byte) 0xA5;

    private final AtomicInteger out = new AtomicInteger();
    private final AtomicInteger lent = new AtomicInteger();

    @Override
    public Lease lease(int bytes) {
        // Twice the alignment: alignedSlice rounds the start up and the end down.
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes + 2 * ALIGNMENT)
                .alignedSlice(ALIGNMENT)
                .slice(0, bytes)
                .order(ByteOrder.LITTLE_ENDIAN);
        fill(buffer);
        out.incrementAndGet();
        lent.incrementAndGet();
        return new CountedLease(buffer);
    }

    /** How many leases were ever given. */
    public int lent() {
        return lent.get();
    }

    /** Fails unless every lease came back. */
    public void assertAllReturned() {
        assertThat(out.get()).as("leases not given back").isZero();
    }

    private static void fill(ByteBuffer buffer) {
        for (int i = 0; i < buffer.limit(); i++) {
            buffer.put(i, JUNK);
        }
    }

    private final class CountedLease implements Lease {
        private final ByteBuffer buffer;
        private boolean closed;

        CountedLease(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public synchronized ByteBuffer buffer() {
            if (closed) {
                throw new IllegalStateException("the lease was given back already");
            }
            return buffer;
        }

        @Override
        public synchronized void close() {
            if (closed) {
                throw new IllegalStateException("the lease was given back twice");
            }
            closed = true;
            // A view used after this shows junk instead of the right answer.
            fill(buffer);
            out.decrementAndGet();
        }
    }
}
