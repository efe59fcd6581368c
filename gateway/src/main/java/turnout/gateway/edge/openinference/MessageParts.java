package turnout.gateway.edge.openinference;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import turnout.gateway.call.RefusedException;

/**
 * A {@code ModelInferRequest} as it came, taken apart: views of its raw contents, and the rest, which generated code reads.
 *
 * <p>By hand, since protobuf would copy the whole of a read-only message before it reads the first byte, and the raw contents are nearly
 * all of it.
 *
 * @param head every field but the raw contents
 * @param raw the raw contents in order, views of the message
 */
@SuppressWarnings("ArrayRecordComponent") // never written to, never compared
record MessageParts(byte[] head, List<ByteBuffer> raw) {
    private static final int RAW_INPUT_CONTENTS = 7;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    static MessageParts of(ByteBuffer message) {
        ByteBuffer in = message.slice();
        List<ByteBuffer> raw = new ArrayList<>();
        List<ByteBuffer> rest = new ArrayList<>();
        int restFrom = 0;
        while (in.hasRemaining()) {
            int from = in.position();
            long tag = varint(in);
            long length = length(in, (int) (tag & 7));
            if (length > in.remaining()) {
                throw noMessage();
            }
            int to = in.position() + (int) length;
            if (tag == (RAW_INPUT_CONTENTS << 3 | LENGTH_DELIMITED)) {
                raw.add(in.slice(in.position(), (int) length));
                // A slice of nothing is nothing to copy.
                rest.add(in.slice(restFrom, from - restFrom));
                restFrom = to;
            }
            in.position(to);
        }
        rest.add(in.slice(restFrom, in.position() - restFrom));
        return new MessageParts(joined(rest), raw);
    }

    /** Bytes that a field's value takes from here on. */
    private static long length(ByteBuffer in, int wireType) {
        switch (wireType) {
            case VARINT -> {
                varint(in);
                return 0;
            }
            case FIXED64 -> {
                return Long.BYTES;
            }
            case FIXED32 -> {
                return Integer.BYTES;
            }
            case LENGTH_DELIMITED -> {
                long length = varint(in);
                if (length < 0) {
                    throw noMessage();
                }
                return length;
            }
            default -> throw noMessage();
        }
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (!in.hasRemaining()) {
                throw noMessage();
            }
            byte b = in.get();
            value |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw noMessage();
    }

    private static byte[] joined(List<ByteBuffer> parts) {
        int size = 0;
        for (ByteBuffer part : parts) {
            size += part.remaining();
        }
        ByteBuffer joined = ByteBuffer.allocate(size);
        for (ByteBuffer part : parts) {
            joined.put(part);
        }
        return joined.array();
    }

    private static RefusedException noMessage() {
        return Asked.malformed("the message cannot be read as a ModelInferRequest");
    }
}
