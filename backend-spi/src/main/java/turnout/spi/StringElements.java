package turnout.spi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes the elements of {@link DataType#BYTES} tensors. */
public final class StringElements {
    private StringElements() {}

    /**
     * Checks that the buffer holds exactly so many elements.
     *
     * @throws InferenceException {@link ErrorCode#INVALID_INPUT} when a length points past the end, or there are more or fewer
     */
    public static void check(ByteBuffer data, long elements) {
        ByteBuffer view = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long seen = 0;
        while (view.hasRemaining()) {
            skip(view);
            seen++;
        }
        if (seen != elements) {
            throw InferenceException.invalidInput("expected " + elements + " string elements, got " + seen);
        }
    }

    /** The elements as fresh arrays; the buffer's position is left alone. */
    public static List<byte[]> read(ByteBuffer data) {
        ByteBuffer view = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> elements = new ArrayList<>();
        while (view.hasRemaining()) {
            int length = length(view);
            byte[] element = new byte[length];
            view.get(element);
            elements.add(element);
        }
        return elements;
    }

    /** A buffer with those elements. */
    public static ByteBuffer write(List<byte[]> elements) {
        long size = 0;
        for (byte[] element : elements) {
            size += Integer.BYTES + (long) element.length;
        }
        if (size > Integer.MAX_VALUE) {
            throw InferenceException.invalidInput(
                    "string elements of " + size + " bytes exceed the limit of 2 GiB for one tensor");
        }
        ByteBuffer data = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] element : elements) {
            data.putInt(element.length).put(element);
        }
        return data.flip();
    }

    /** Bytes that the first {@code elements} elements take, counted from the buffer's position. */
    public static int byteSize(ByteBuffer data, long elements) {
        ByteBuffer view = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < elements; i++) {
            skip(view);
        }
        return view.position() - data.position();
    }

    private static void skip(ByteBuffer view) {
        int length = length(view);
        view.position(view.position() + length);
    }

    private static int length(ByteBuffer view) {
        if (view.remaining() < Integer.BYTES) {
            throw InferenceException.invalidInput(
                    "incomplete string length: " + view.remaining() + " bytes left, expected 4");
        }
        int length = view.getInt();
        if (length < 0 || length > view.remaining()) {
            throw InferenceException.invalidInput("incomplete string data: an element of "
                    + Integer.toUnsignedString(length) + " bytes, but only " + view.remaining() + " are left");
        }
        return length;
    }
}
