package turnout.gateway.edge.tfserving;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that are appended to; numbers little-endian. */
final class ByteSink {
    private byte[] bytes;
    private int size;

    ByteSink(int capacity) {
        bytes = new byte[Math.max(16, capacity)];
    }

    int size() {
        return size;
    }

    /** The memory behind; valid up to {@link #size()}, until the next append. */
    byte[] array() {
        return bytes;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    void clear() {
        size = 0;
    }

    void put(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    void put(byte[] source, int from, int length) {
        room(length);
        System.arraycopy(source, from, bytes, size, length);
        size += length;
    }

    /** Appends text that is all ASCII. */
    void ascii(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.US_ASCII);
        put(encoded, 0, encoded.length);
    }

    void putShort(int value) {
        room(2);
        bytes[size++] = (byte) value;
        bytes[size++] = (byte) (value >> 8);
    }

    void putInt(int value) {
        room(4);
        setInt(size, value);
        size += 4;
    }

    void putLong(long value) {
        putInt((int) value);
        putInt((int) (value >>> 32));
    }

    /** Overwrites four bytes that were appended before. */
    void setInt(int at, int value) {
        bytes[at] = (byte) value;
        bytes[at + 1] = (byte) (value >> 8);
        bytes[at + 2] = (byte) (value >> 16);
        bytes[at + 3] = (byte) (value >> 24);
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            long grown = Math.max(size + (long) more, Math.min(bytes.length * 2L, Integer.MAX_VALUE - 8));
            bytes = Arrays.copyOf(bytes, Math.toIntExact(grown));
        }
    }
}
