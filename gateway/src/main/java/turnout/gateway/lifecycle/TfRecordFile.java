package turnout.gateway.lifecycle;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Reads TensorFlow's record format: for each record its length (8 bytes), a checksum of that, the bytes, a checksum of these. Checksums
 * are CRC-32C, rotated and offset, so that a record which holds records does not look like one.
 */
final class TfRecordFile implements AutoCloseable {
    private static final int MASK_DELTA = 0xa282ead8;
    /** Many times what a request over gRPC may be; a record is read as a whole, and every load thread may hold one. */
    static final int MOST_RECORD_BYTES = 64 << 20;

    private static final int HEAD_BYTES = Long.BYTES + Integer.BYTES;

    private final InputStream in;
    private long left;

    private TfRecordFile(InputStream in, long left) {
        this.in = in;
        this.left = left;
    }

    static TfRecordFile open(Path file) throws IOException {
        return new TfRecordFile(new BufferedInputStream(Files.newInputStream(file), 1 << 16), Files.size(file));
    }

    /**
     * The next record, empty after the last.
     *
     * @throws IOException with a sentence for the operator when the file is damaged or cut short
     */
    Optional<byte[]> next() throws IOException {
        if (left == 0) {
            return Optional.empty();
        }
        ByteBuffer head = ByteBuffer.wrap(read(HEAD_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        check(head.array(), Long.BYTES, head.getInt(Long.BYTES), "length");
        long length = head.getLong(0);
        // Before anything is allocated: the length comes from the file.
        if (length < 0 || length > left - Integer.BYTES) {
            throw new IOException("its length " + Long.toUnsignedString(length) + " exceeds the file");
        }
        if (length > MOST_RECORD_BYTES) {
            throw new IOException("it has " + length + " bytes, and the limit is " + MOST_RECORD_BYTES);
        }
        byte[] record = read((int) length);
        int sum = ByteBuffer.wrap(read(Integer.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
        check(record, record.length, sum, "content");
        return Optional.of(record);
    }

    private byte[] read(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the file ends in the middle of it");
        }
        left -= count;
        return bytes;
    }

    private static void check(byte[] bytes, int count, int expected, String what) throws IOException {
        if (masked(bytes, count) != expected) {
            throw new IOException("the checksum of its " + what + " is wrong; is this a TFRecord file?");
        }
    }

    private static int masked(byte[] bytes, int count) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, count);
        return Integer.rotateRight((int) sum.getValue(), 15) + MASK_DELTA;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
