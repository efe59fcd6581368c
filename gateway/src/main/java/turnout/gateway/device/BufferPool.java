package turnout.gateway.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import turnout.spi.Buffers;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;

/**
 * Direct memory by powers of two, kept for the next batch up to a limit.
 *
 * <p>Addresses are multiples of 64: TensorFlow copies silently where they are not.
 */
public final class BufferPool implements Buffers {
    private static final int ALIGNMENT = 64;
    private static final int SMALLEST_SHIFT = 6;
    private static final int CLASSES = 31 - SMALLEST_SHIFT;

    private final long keepBytes;
    private final Queue<ByteBuffer>[] free;
    private final AtomicLong kept = new AtomicLong();
    private final AtomicLong lent = new AtomicLong();

    /**
     * @param keepBytes most bytes that lie idle in the pool
     */
    public BufferPool(long keepBytes) {
        this.keepBytes = keepBytes;
        this.free = queues();
    }

    /** Leases that were not given back yet; a test that ends with any has found a leak. */
    public long outstanding() {
        return lent.get();
    }

    @Override
    public Lease lease(int bytes) {
        int shift = Math.max(SMALLEST_SHIFT, 32 - Integer.numberOfLeadingZeros(Math.max(1, bytes) - 1));
        int index = shift - SMALLEST_SHIFT;
        if (index >= CLASSES) {
            // Too large to be rounded up; such a buffer is not kept either.
            return lend(allocate(bytes), bytes, -1);
        }
        ByteBuffer pooled = free[index].poll();
        if (pooled != null) {
            kept.addAndGet(-pooled.capacity());
            return lend(pooled, bytes, index);
        }
        return lend(allocate(1 << shift), bytes, index);
    }

    private Lease lend(ByteBuffer whole, int bytes, int index) {
        lent.incrementAndGet();
        ByteBuffer view = whole.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(bytes);
        return new PooledLease(this, whole, view, index);
    }

    private void giveBack(ByteBuffer whole, int index) {
        lent.decrementAndGet();
        if (index >= 0 && kept.addAndGet(whole.capacity()) <= keepBytes) {
            free[index].add(whole);
        } else if (index >= 0) {
            kept.addAndGet(-whole.capacity());
        }
    }

    private static ByteBuffer allocate(int bytes) {
        if (bytes > Integer.MAX_VALUE - 2 * ALIGNMENT) {
            throw new InferenceException(ErrorCode.OUT_OF_MEMORY, "no batch can have " + bytes + " bytes");
        }
        try {
            return ByteBuffer.allocateDirect(bytes + 2 * ALIGNMENT).alignedSlice(ALIGNMENT);
        } catch (OutOfMemoryError e) {
            throw new InferenceException(ErrorCode.OUT_OF_MEMORY, "no memory for a batch of " + bytes + " bytes");
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of queues: generic arrays cannot be made otherwise
    private static Queue<ByteBuffer>[] queues() {
        Queue<ByteBuffer>[] queues = new Queue[CLASSES];
        for (int i = 0; i < CLASSES; i++) {
            queues[i] = new ConcurrentLinkedQueue<>();
        }
        return queues;
    }

    private static final class PooledLease implements Lease {
        private final BufferPool pool;
        private final ByteBuffer whole;
        private final ByteBuffer view;
        private final int index;
        private final AtomicBoolean closed = new AtomicBoolean();

        PooledLease(BufferPool pool, ByteBuffer whole, ByteBuffer view, int index) {
            this.pool = pool;
            this.whole = whole;
            this.view = view;
            this.index = index;
        }

        @Override
        public ByteBuffer buffer() {
            return view;
        }

        @Override
        public void close() {
            // Twice in the pool would lend one buffer to two batches.
            if (!closed.compareAndSet(false, true)) {
                throw new IllegalStateException("the lease was closed before");
            }
            pool.giveBack(whole, index);
        }
    }
}
