package turnout.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Changes well-formed bytes a little, over and over; the same seed gives the same changes. For one thread. */
public final class Mutator {
    private static final int LONGEST = 1 << 16;

    /** What readers tend to stumble over: structure, ends of number ranges, lengths that lie, half letters. */
    private static final byte[][] TOKENS = tokens(
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "\"",
            "\\",
            "\\u",
            "\\ud800",
            "[]",
            "{}",
            "null",
            "true",
            "NaN",
            "-Infinity",
            "-",
            "0",
            "-0",
            "1e400",
            "1e-400",
            "255",
            "256",
            "-129",
            "65504",
            "65520",
            "2147483648",
            "4294967296",
            "-9223372036854775808",
            "9223372036854775807",
            "18446744073709551615",
            "18446744073709551616",
            "0.1",
            "\0",
            "\u007f",
            "\u00ff",
            "\u0080\u0080\u0080\u0080\u0010",
            "\u00ff\u00ff\u00ff\u00ff\u0007",
            "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u0001",
            "\u00ed\u00a0\u0080",
            "\u000b",
            "\u000c",
            "\n");

    private final Random random;
    private final List<byte[]> originals;

    /**
     * @param originals what is changed, and what parts are taken from; at least one
     */
    public Mutator(long seed, List<byte[]> originals) {
        if (originals.isEmpty()) {
            throw new IllegalArgumentException("there is nothing to change");
        }
        this.random = new Random(seed);
        this.originals = List.copyOf(originals);
    }

    /** Another one, with one to eight changes. */
    public byte[] next() {
        byte[] changed = any();
        int changes = 1 + random.nextInt(1 + random.nextInt(8));
        for (int i = 0; i < changes; i++) {
            changed = changed(changed);
        }
        return changed.length > LONGEST ? Arrays.copyOf(changed, LONGEST) : changed;
    }

    private byte[] any() {
        return originals.get(random.nextInt(originals.size())).clone();
    }

    private byte[] changed(byte[] bytes) {
        if (bytes.length == 0) {
            return token();
        }
        int at = random.nextInt(bytes.length);
        int length = Math.min(bytes.length - at, 1 + random.nextInt(1 << random.nextInt(8)));
        byte[] part = Arrays.copyOfRange(bytes, at, at + length);
        return switch (random.nextInt(8)) {
            case 0 -> spliced(bytes, at, 1, new byte[] {(byte) random.nextInt(256)});
            case 1 -> spliced(bytes, at, 1, new byte[] {(byte) (bytes[at] ^ 1 << random.nextInt(8))});
            case 2 -> spliced(bytes, at, length, new byte[0]);
            case 3 -> spliced(bytes, at, 0, repeated(part));
            case 4 -> spliced(bytes, at, random.nextBoolean() ? 0 : length, token());
            case 5 -> spliced(bytes, random.nextInt(bytes.length), 0, part);
            case 6 -> spliced(bytes, at, length, partOf(any()));
            default -> Arrays.copyOf(bytes, at);
        };
    }

    private byte[] token() {
        return TOKENS[random.nextInt(TOKENS.length)];
    }

    private byte[] repeated(byte[] part) {
        int times = 1 + random.nextInt(1 << random.nextInt(7));
        byte[] all = new byte[part.length * times];
        for (int i = 0; i < all.length; i++) {
            all[i] = part[i % part.length];
        }
        return all;
    }

    private byte[] partOf(byte[] bytes) {
        int from = random.nextInt(bytes.length + 1);
        return Arrays.copyOfRange(bytes, from, from + random.nextInt(bytes.length - from + 1));
    }

    private static byte[] spliced(byte[] bytes, int at, int cut, byte[] put) {
        byte[] result = new byte[bytes.length - Math.min(cut, bytes.length - at) + put.length];
        System.arraycopy(bytes, 0, result, 0, at);
        System.arraycopy(put, 0, result, at, put.length);
        System.arraycopy(
                bytes,
                bytes.length - (result.length - at - put.length),
                result,
                at + put.length,
                result.length - at - put.length);
        return result;
    }

    private static byte[][] tokens(String... texts) {
        return Arrays.stream(texts)
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                .toArray(byte[][]::new);
    }
}
