package turnout.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import turnout.spi.DataType;
import turnout.spi.Tensor;

/** A batch of one photograph of 224 by 224, as clients write it and as a tensor; the same one at each run. */
public final class Picture {
    private static final int SIDE = 224;
    private static final int COLOURS = 3;

    /** How many numbers it has. */
    public static final int FLOATS = SIDE * SIDE * COLOURS;

    private Picture() {}

    /** How the numbers are spelled. */
    public enum Spelling {
        /** Doubles with all their digits, as Python writes an image that was divided by 255. */
        LONG,
        /** Floats with as many digits as they need. */
        SHORT,
        /** Whole numbers from 0 to 255. */
        PIXELS
    }

    /** Its shape, the batch first. */
    public static long[] shape() {
        return new long[] {1, SIDE, SIDE, COLOURS};
    }

    /** {@code [[[1,2,3],...],...]}: the nested lists of one image, with a blank behind each comma as Python has it. */
    public static String nested(Spelling spelling) {
        Random random = new Random(224);
        StringBuilder text = new StringBuilder(FLOATS * 21).append('[');
        for (int y = 0; y < SIDE; y++) {
            text.append(y == 0 ? "[" : ", [");
            for (int x = 0; x < SIDE; x++) {
                text.append(x == 0 ? "[" : ", [");
                for (int c = 0; c < COLOURS; c++) {
                    text.append(c == 0 ? "" : ", ").append(number(spelling, random));
                }
                text.append(']');
            }
            text.append(']');
        }
        return text.append(']').toString();
    }

    /** The same numbers in one list. */
    public static String flat(Spelling spelling) {
        Random random = new Random(224);
        StringBuilder text = new StringBuilder(FLOATS * 21).append('[');
        for (int i = 0; i < FLOATS; i++) {
            text.append(i == 0 ? "" : ", ").append(number(spelling, random));
        }
        return text.append(']').toString();
    }

    /** Floats between 0 and 1, or pixels, as a tensor. */
    public static Tensor tensor(Spelling spelling) {
        Random random = new Random(224);
        ByteBuffer data = ByteBuffer.allocate(FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (data.hasRemaining()) {
            data.putFloat(Float.parseFloat(number(spelling, random)));
        }
        return new Tensor(DataType.FP32, shape(), data.flip());
    }

    private static String number(Spelling spelling, Random random) {
        return switch (spelling) {
            case LONG -> Double.toString(random.nextDouble());
            case SHORT -> Float.toString(random.nextFloat());
            case PIXELS -> Integer.toString(random.nextInt(256));
        };
    }
}
