package turnout.gateway.lane;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import turnout.spi.Buffers;

/** Plain heap memory for backends that do not block: what they send goes through the heap anyway. */
final class HeapBuffers implements Buffers {
    @Override
    public Lease lease(int bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return new Lease() {
            @Override
            public ByteBuffer buffer() {
                return buffer;
            }

            @Override
            public void close() {
                // The collector's work.
            }
        };
    }
}
