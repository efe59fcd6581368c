package turnout.gateway.edge.tfserving;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;

/**
 * Spells floating-point numbers as TensorFlow Serving does: C's {@code %g} with 6 digits where that reads back as the same number, else
 * with 9 (float) or 17 (double); with {@code .0} where there is neither point nor exponent. Unlike there, a whole float of up to 17 digits
 * that 9 do not say exactly is written with all of them.
 *
 * <p>Digits come from one multiplication by an exact power of ten where the result leaves no doubt, from exact arithmetic else. Holds
 * state between its own methods: one per writer.
 */
final class FloatText {
    private static final int SHORT = 6;
    private static final int FLOAT = 9;
    private static final int DOUBLE = 17;

    /** Powers of ten beyond 10^22 are not exact in a double. */
    private static final int EXACT_POWERS = 22;

    /** Whole numbers below this have no more digits than are written anyway: pixels, labels, counts. */
    private static final float SMALL = 1e6f;

    private static final double[] POWERS = powers();
    private static final long[] TENS = tens();

    /** The numbers from 00 to 99, one behind the other. */
    private static final byte[] PAIRS = pairs();

    /** Room for any number: digits, zeros before them, point and exponent, and what is overwritten again. */
    private static final int LONGEST = 32;

    /** The product of two doubles is off by less than this where it has at most 9 digits before the point. */
    private static final double DOUBT = 1e-6;

    private final ByteSink into;

    // The number last rounded is digits * 10^(exponent - precision + 1), with exactly that many digits.
    private long digits;
    private int exponent;

    // How far the number lay from the digits, as a whole number, before it was rounded; no distance if that is not
    // known.
    private double scaledWhole;
    private double distance;

    FloatText(ByteSink into) {
        this.into = into;
    }

    void write(float value) {
        if (special(value)) {
            return;
        }
        float magnitude = Math.abs(value);
        if (magnitude < SMALL && magnitude == (int) magnitude) {
            printWhole((int) magnitude, width((int) magnitude));
        } else if (roundShort(magnitude)) {
            print(SHORT);
        } else {
            round(magnitude, FLOAT);
            if (isInexactWhole(magnitude)) {
                printWhole((long) magnitude, exponent + 1);
            } else {
                print(FLOAT);
            }
        }
    }

    /** Rounds to six digits. Says whether they read back as the same float, often without reading them. */
    private boolean roundShort(float magnitude) {
        round(magnitude, SHORT);
        // More than the widest half of a step between two floats; subnormal ones are spaced wider.
        boolean isFar = distance > scaledWhole * 0x1.01p-24 && magnitude >= Float.MIN_NORMAL;
        return !isFar && shortAsFloat() == magnitude;
    }

    /**
     * Whether nine digits are another whole number than this one, which has a few more. A client that reads doubles, as most do, would get
     * a number that the model did not say.
     */
    private boolean isInexactWhole(float magnitude) {
        return exponent >= FLOAT && exponent < DOUBLE && digits * TENS[exponent - FLOAT + 1] != (long) magnitude;
    }

    void write(double value) {
        if (special(value)) {
            return;
        }
        double magnitude = Math.abs(value);
        round(magnitude, SHORT);
        if (shortAsDouble() == magnitude) {
            print(SHORT);
        } else {
            roundExactly(magnitude, DOUBLE);
            print(DOUBLE);
        }
    }

    /** Writes what has no digits, and the sign of what has. */
    private boolean special(double value) {
        if (Double.isNaN(value)) {
            into.ascii("NaN");
            return true;
        }
        if (Double.doubleToRawLongBits(value) < 0) {
            into.put('-');
        }
        if (Double.isInfinite(value)) {
            into.ascii("Infinity");
            return true;
        }
        if (value == 0) {
            into.ascii("0.0");
            return true;
        }
        return false;
    }

    private void round(double value, int precision) {
        if (!roundByProduct(value, precision)) {
            roundExactly(value, precision);
            distance = 0;
        }
    }

    private boolean roundByProduct(double value, int precision) {
        int guess = log10(value);
        double scaled = scale(value, precision - 1 - guess);
        if (scaled >= POWERS[precision]) {
            guess++;
            scaled = scale(value, precision - 1 - guess);
        }
        double rounded = Math.rint(scaled);
        boolean isClear = Math.abs(Math.abs(scaled - rounded) - 0.5) > DOUBT;
        if (!isClear || rounded < POWERS[precision - 1]) {
            return false;
        }
        digits = (long) rounded;
        exponent = guess;
        distance = Math.abs(scaled - rounded);
        scaledWhole = rounded;
        if (rounded >= POWERS[precision]) {
            digits /= 10;
            exponent++;
        }
        return true;
    }

    /** The power of ten at or just below the value; one less than it should be, at times. */
    private static int log10(double value) {
        // Log 2 as a fraction of 2^20, exact enough for the exponents of a double.
        return (Math.getExponent(value) * 315653) >> 20;
    }

    /** The value times a power of ten, rounded once; NaN where the power is not exact. */
    private static double scale(double value, int power) {
        if (power > EXACT_POWERS || power < -EXACT_POWERS) {
            return Double.NaN;
        }
        return power >= 0 ? value * POWERS[power] : value / POWERS[-power];
    }

    private void roundExactly(double value, int precision) {
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(precision, RoundingMode.HALF_EVEN));
        digits = rounded.unscaledValue().longValueExact();
        for (int i = rounded.precision(); i < precision; i++) {
            digits *= 10;
        }
        exponent = rounded.precision() - rounded.scale() - 1;
    }

    private float shortAsFloat() {
        double quotient = scale((double) digits, exponent - SHORT + 1);
        // Where the double lies exactly between two floats, it may have got there by rounding.
        boolean isHalfway = (Double.doubleToRawLongBits(quotient) & 0x1FFF_FFFFL) == 0x1000_0000L;
        return Double.isNaN(quotient) || isHalfway ? shortExactly().floatValue() : (float) quotient;
    }

    private double shortAsDouble() {
        double quotient = scale((double) digits, exponent - SHORT + 1);
        return Double.isNaN(quotient) ? shortExactly().doubleValue() : quotient;
    }

    private BigDecimal shortExactly() {
        return BigDecimal.valueOf(digits, SHORT - 1 - exponent);
    }

    private void print(int precision) {
        byte[] bytes = into.room(LONGEST);
        int start = into.size();
        int length;
        if (exponent < -4 || exponent >= precision) {
            length = scientific(bytes, start, precision);
        } else if (exponent < 0) {
            int lead = 1 - exponent;
            Arrays.fill(bytes, start, start + lead, (byte) '0');
            bytes[start + 1] = '.';
            length = lead + spell(digits, bytes, start + lead, precision);
        } else {
            length = plain(bytes, start, precision);
        }
        into.grow(length);
    }

    private int plain(byte[] bytes, int start, int precision) {
        int count = spell(digits, bytes, start + 1, precision);
        for (int i = 0; i <= exponent; i++) {
            bytes[start + i] = bytes[start + i + 1];
        }
        bytes[start + exponent + 1] = '.';
        if (count > exponent + 1) {
            return count + 1;
        }
        bytes[start + exponent + 2] = '0';
        return exponent + 3;
    }

    private int scientific(byte[] bytes, int start, int precision) {
        int count = spell(digits, bytes, start + 1, precision);
        bytes[start] = bytes[start + 1];
        bytes[start + 1] = '.';
        int at = start + (count > 1 ? count + 1 : 1);
        bytes[at] = 'e';
        bytes[at + 1] = (byte) (exponent < 0 ? '-' : '+');
        int size = Math.abs(exponent);
        int width = size < 100 ? 2 : 3;
        spell(size, bytes, at + 2, width);
        return at + 2 + width - start;
    }

    private static int width(int value) {
        return value < 10
                ? 1
                : value < 100 ? 2 : value < 1000 ? 3 : Integer.toString(value).length();
    }

    private void printWhole(long value, int width) {
        byte[] bytes = into.room(LONGEST);
        int start = into.size();
        spell(value, bytes, start, width);
        bytes[start + width] = '.';
        bytes[start + width + 1] = '0';
        into.grow(width + 2);
    }

    /** Writes so many digits. Returns how many they are without trailing zeros. */
    private static int spell(long value, byte[] bytes, int from, int count) {
        long rest = value;
        int at = from + count;
        while (at - from >= 2) {
            long left = rest / 100;
            int pair = (int) (rest - left * 100) * 2;
            at -= 2;
            bytes[at] = PAIRS[pair];
            bytes[at + 1] = PAIRS[pair + 1];
            rest = left;
        }
        if (at > from) {
            bytes[from] = (byte) ('0' + rest);
        }
        int end = from + count;
        while (end - from > 1 && bytes[end - 1] == '0') {
            end--;
        }
        return end - from;
    }

    private static byte[] pairs() {
        byte[] pairs = new byte[200];
        for (int i = 0; i < 100; i++) {
            pairs[2 * i] = (byte) ('0' + i / 10);
            pairs[2 * i + 1] = (byte) ('0' + i % 10);
        }
        return pairs;
    }

    private static long[] tens() {
        long[] tens = new long[DOUBLE - FLOAT + 1];
        long ten = 1;
        for (int i = 0; i < tens.length; i++) {
            tens[i] = ten;
            ten *= 10;
        }
        return tens;
    }

    private static double[] powers() {
        double[] powers = new double[EXACT_POWERS + 1];
        double power = 1;
        for (int i = 0; i < powers.length; i++) {
            powers[i] = power;
            power *= 10;
        }
        return powers;
    }
}
