package turnout.backend.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * Walks the fields of a protobuf file without reading what the caller skips: weights of gigabytes cost a seek.
 *
 * <p>Not generated code: the messages of interest are few, and a protobuf library would be the largest part of this plugin.
 */
final class ProtobufReader {
    /** The file is not well-formed protobuf. */
    static final class MalformedException extends IOException {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int LENGTH_DELIMITED = 2;
    static final int FIXED32 = 5;

    private final FileChannel file;
    private final ByteBuffer window = ByteBuffer.allocate(8192).limit(0);
    private long windowStart;

    ProtobufReader(FileChannel file) {
        this.file = file;
    }

    /** Where the next byte is read. */
    long position() {
        return windowStart + window.position();
    }

    /** Goes on from there. */
    void seek(long position) {
        if (position >= windowStart && position <= windowStart + window.limit()) {
            window.position((int) (position - windowStart));
        } else {
            windowStart = position;
            window.limit(0);
        }
    }

    /** A varint; its upper bits are dropped as protobuf does. */
    long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte next = next();
            if (shift < 64) {
                value |= (long) (next & 0x7F) << shift;
            }
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedException("a varint does not end");
    }

    /** The length of a length-delimited field that must end before that position. */
    long length(long end) throws IOException {
        long length = varint();
        if (length < 0 || length > end - position()) {
            throw new MalformedException(
                    "a field of " + Long.toUnsignedString(length) + " bytes ends outside its message");
        }
        return length;
    }

    /** Passes over a field of that wire type. */
    void skip(int wireType, long end) throws IOException {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> seek(position() + Long.BYTES);
            case FIXED32 -> seek(position() + Integer.BYTES);
            case LENGTH_DELIMITED -> {
                long length = length(end);
                seek(position() + length);
            }
            // Groups: ONNX has none.
            default -> throw new MalformedException("wire type " + wireType);
        }
    }

    /** A text of at most so many bytes. */
    String text(long length, int most) throws IOException {
        if (length > most) {
            throw new MalformedException("a name of " + length + " bytes");
        }
        byte[] bytes = new byte[(int) length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = next();
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private byte next() throws IOException {
        if (!window.hasRemaining()) {
            long start = position();
            window.clear();
            int read = file.read(window, start);
            window.flip();
            windowStart = start;
            if (read <= 0) {
                throw new MalformedException("the file ends within a field");
            }
        }
        return window.get();
    }
}
