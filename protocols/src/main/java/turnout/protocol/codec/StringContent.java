package turnout.protocol.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import turnout.spi.InferenceException;

/** Reads strings out of {@code tensor_content}: all lengths as varints, then all bytes. */
final class StringContent {
    private StringContent() {}

    /** The elements in the SPI's layout: each length before its bytes. */
    static ByteBuffer read(ByteString content, int elements) {
        // Every element has a length of at least one byte: nothing is allocated for a count that cannot be true.
        if (elements > content.size()) {
            throw mismatch(elements, content);
        }
        try {
            return read(content, elements, content.newCodedInput());
        } catch (IOException e) {
            throw mismatch(elements, content);
        }
    }

    private static ByteBuffer read(ByteString content, int elements, CodedInputStream in) throws IOException {
        int[] lengths = new int[elements];
        long bytes = 0;
        for (int i = 0; i < elements; i++) {
            long length = in.readRawVarint64();
            if (length < 0 || length > content.size()) {
                throw mismatch(elements, content);
            }
            lengths[i] = (int) length;
            bytes += length;
        }
        int start = in.getTotalBytesRead();
        if (start + bytes != content.size()) {
            throw mismatch(elements, content);
        }
        ByteBuffer out = allocate(bytes + (long) elements * Integer.BYTES);
        ByteBuffer data = content.asReadOnlyByteBuffer().position(start);
        for (int length : lengths) {
            out.putInt(length).put(data.slice(data.position(), length));
            data.position(data.position() + length);
        }
        return out.flip();
    }

    static ByteBuffer allocate(long size) {
        if (size > Integer.MAX_VALUE) {
            throw InferenceException.invalidInput(
                    "string elements of " + size + " bytes exceed the limit of 2 GiB for one tensor");
        }
        return ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static InferenceException mismatch(int elements, ByteString content) {
        return InferenceException.invalidInput("tensor_content of " + content.size() + " bytes does not hold exactly "
                + elements + " string elements");
    }
}
