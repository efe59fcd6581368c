package turnout.gateway.edge.tfserving;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Bytes that are appended to; numbers little-endian. */
final class ByteSink {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

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

    /** Bytes that can be appended without moving. */
    int room() {
        return bytes.length - size;
    }

    /** Makes room for so many bytes, which may be written behind {@link #size()}. */
    byte[] room(int more) {
        if (bytes.length - size < more) {
            long grown = Math.max(size + (long) more, Math.min(bytes.length * 2L, Integer.MAX_VALUE - 8));
            bytes = Arrays.copyOf(bytes, Math.toIntExact(grown));
        }
        return bytes;
    }

    /** So many bytes were written behind what there was. */
    void grow(int written) {
        size += written;
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
        room(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes[size++] = (byte) text.charAt(i);
        }
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
        INTS.set(bytes, at, value);
    }
}
