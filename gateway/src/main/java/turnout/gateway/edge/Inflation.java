package turnout.gateway.edge;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;

/** Decompression by our own hand: the limit holds while inflating, and a corrupt or truncated stream is an error. */
enum Inflation {
    NONE,
    GZIP,
    DEFLATE;

    private static final int FIRST_BYTES = 16 * 1024;

    // What clients send compresses less; what compresses more is made to cost us more than it costs its sender.
    private static final long LARGEST_RATIO = 1000;
    private static final long RATIO_FREE_BYTES = 1 << 20;

    /**
     * @throws DataFormatException when the stream is corrupt, truncated or followed by something else
     * @throws RefusedException when it inflates to more than the limit, or to more than 1 MiB and more than 1000 times its size
     */
    byte[] inflate(byte[] compressed, long limit) throws DataFormatException {
        return switch (this) {
            case NONE -> compressed;
            case GZIP -> gzip(compressed, limit);
            case DEFLATE -> {
                Inflated all = run(compressed, 0, compressed.length, false, limit);
                if (all.end != compressed.length) {
                    throw new DataFormatException("bytes after the end of the stream");
                }
                yield all.bytes;
            }
        };
    }

    private static byte[] gzip(byte[] compressed, long limit) throws DataFormatException {
        int start = GzipHeader.length(compressed);
        int trailer = 8;
        Inflated body = run(compressed, start, compressed.length, true, limit);
        if (compressed.length - body.end != trailer) {
            throw new DataFormatException(
                    compressed.length - body.end < trailer ? "truncated" : "bytes after the end of the stream");
        }
        CRC32 crc = new CRC32();
        crc.update(body.bytes);
        if (littleEndian(compressed, body.end) != (int) crc.getValue()
                || littleEndian(compressed, body.end + 4) != body.bytes.length) {
            throw new DataFormatException("checksum or length does not match");
        }
        return body.bytes;
    }

    private static Inflated run(byte[] input, int from, int to, boolean raw, long sizeLimit)
            throws DataFormatException {
        long limit = Math.min(sizeLimit, Math.max(RATIO_FREE_BYTES, LARGEST_RATIO * (to - from)));
        Inflater inflater = new Inflater(raw);
        try {
            inflater.setInput(input, from, to - from);
            byte[] output = new byte[(int) Math.min(limit + 1, Math.max(FIRST_BYTES, 4L * (to - from)))];
            int count = 0;
            while (!inflater.finished()) {
                if (count == output.length) {
                    output = Arrays.copyOf(output, (int) Math.min(limit + 1, output.length * 2L));
                }
                int step = inflater.inflate(output, count, output.length - count);
                count += step;
                if (count > limit) {
                    throw new RefusedException(new Refusal.TooLarge(
                            limit == sizeLimit
                                    ? "the inflated request body"
                                    : "the request body, inflated to over " + LARGEST_RATIO + " times its size,",
                            limit));
                }
                if (step == 0 && !inflater.finished() && (inflater.needsInput() || inflater.needsDictionary())) {
                    throw new DataFormatException("truncated");
                }
            }
            return new Inflated(Arrays.copyOf(output, count), to - inflater.getRemaining());
        } finally {
            inflater.end();
        }
    }

    private static int littleEndian(byte[] bytes, int at) {
        return (bytes[at] & 0xff)
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xff) << 24;
    }

    /** What came out, and where in the input the stream ended. */
    @SuppressWarnings("ArrayRecordComponent") // local to this file, never compared
    private record Inflated(byte[] bytes, int end) {}

    /** The header of RFC 1952, section 2.3. */
    private static final class GzipHeader {
        private static final int FIXED = 10;
        private static final int HEADER_CRC = 2;
        private static final int EXTRA = 4;
        private static final int NAME = 8;
        private static final int COMMENT = 16;

        static int length(byte[] bytes) throws DataFormatException {
            if (bytes.length < FIXED || (bytes[0] & 0xff) != 0x1f || (bytes[1] & 0xff) != 0x8b || bytes[2] != 8) {
                throw new DataFormatException("no gzip header");
            }
            int flags = bytes[3];
            int at = FIXED;
            if ((flags & EXTRA) != 0) {
                check(bytes, at + 2);
                at += 2 + (bytes[at] & 0xff) + ((bytes[at + 1] & 0xff) << 8);
            }
            if ((flags & NAME) != 0) {
                at = afterZero(bytes, at);
            }
            if ((flags & COMMENT) != 0) {
                at = afterZero(bytes, at);
            }
            if ((flags & HEADER_CRC) != 0) {
                at += 2;
            }
            check(bytes, at);
            return at;
        }

        private static int afterZero(byte[] bytes, int from) throws DataFormatException {
            for (int i = from; i < bytes.length; i++) {
                if (bytes[i] == 0) {
                    return i + 1;
                }
            }
            throw new DataFormatException("truncated");
        }

        private static void check(byte[] bytes, int needed) throws DataFormatException {
            if (needed > bytes.length) {
                throw new DataFormatException("truncated");
            }
        }
    }
}
