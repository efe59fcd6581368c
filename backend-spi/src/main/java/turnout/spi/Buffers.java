package turnout.spi;

import java.nio.ByteBuffer;

/** Lends direct, little-endian memory whose address is a multiple of 64, which both native runtimes use in place. Safe for any thread. */
public interface Buffers {
    /**
     * Lends a buffer with position 0 and limit {@code bytes}. Its old content is not cleared: write every byte that you read or pass on.
     *
     * @throws InferenceException {@link ErrorCode#OUT_OF_MEMORY} when the limit for direct memory is reached
     */
    Lease lease(int bytes);

    /** A borrowed buffer: give it back exactly once, when nothing native can touch it any more. */
    interface Lease extends AutoCloseable {
        /** The buffer; not to be used after {@link #close()}. */
        ByteBuffer buffer();

        @Override
        void close();
    }
}
