package turnout.gateway.lifecycle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** Writes TensorFlow's record format. */
final class TfRecords {
    private TfRecords() {}

    static byte[] of(List<byte[]> records) {
        int bytes = records.stream().mapToInt(record -> record.length + 16).sum();
        ByteBuffer file = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] record : records) {
            byte[] length = ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(record.length)
                    .array();
            file.put(length).putInt(masked(length)).put(record).putInt(masked(record));
        }
        return file.array();
    }

    /** The beginning of a record that is said to have so many bytes. */
    static byte[] head(long length) {
        ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        return head.putInt(masked(Arrays.copyOf(head.array(), 8))).array();
    }

    /** Puts a file where a version's recorded requests are looked for. */
    static void write(Path version, byte[] content) {
        try {
            Path file = version.resolve(Replay.FILE);
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int masked(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        long value = sum.getValue();
        return (int) (((value >>> 15) | (value << 17)) + 0xa282ead8L);
    }
}
