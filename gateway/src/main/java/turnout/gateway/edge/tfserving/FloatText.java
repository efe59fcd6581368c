package turnout.gateway.edge.tfserving;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Spells floating-point numbers as TensorFlow Serving does: C's {@code %g} with 6 digits where that reads back as the same number, else
 * with 9 (float) or 17 (double); with {@code .0} where there is neither point nor exponent.
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

    private static final double[] POWERS = powers();

    /** The product of two doubles is off by less than this where it has at most 9 digits before the point. */
    private static final double DOUBT = 1e-6;

    private static final double LOG10_OF_2 = 0.30102999566398120;

    private final ByteSink into;
    private final byte[] letters = new byte[DOUBLE];

    // The number last rounded is digits * 10^(exponent - precision + 1), with exactly that many digits.
    private long digits;
    private int exponent;

    FloatText(ByteSink into) {
        this.into = into;
    }

    void write(float value) {
        if (special(value)) {
            return;
        }
        float magnitude = Math.abs(value);
        round(magnitude, SHORT);
        if (shortAsFloat() == magnitude) {
            print(SHORT);
        } else {
            round(magnitude, FLOAT);
            print(FLOAT);
        }
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
        }
    }

    private boolean roundByProduct(double value, int precision) {
        int guess = (int) Math.floor(Math.getExponent(value) * LOG10_OF_2);
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
        if (rounded >= POWERS[precision]) {
            digits /= 10;
            exponent++;
        }
        return true;
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
        long rest = digits;
        for (int i = precision - 1; i >= 0; i--) {
            letters[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        int count = precision;
        while (count > 1 && letters[count - 1] == '0') {
            count--;
        }
        if (exponent < -4 || exponent >= precision) {
            printScientific(count);
        } else if (exponent < 0) {
            into.ascii("0.");
            zeros(-exponent - 1);
            into.put(letters, 0, count);
        } else {
            int whole = Math.min(count, exponent + 1);
            into.put(letters, 0, whole);
            zeros(exponent + 1 - whole);
            into.put('.');
            if (count > whole) {
                into.put(letters, whole, count - whole);
            } else {
                into.put('0');
            }
        }
    }

    private void printScientific(int count) {
        into.put(letters[0]);
        if (count > 1) {
            into.put('.');
            into.put(letters, 1, count - 1);
        }
        into.put('e');
        into.put(exponent < 0 ? '-' : '+');
        int size = Math.abs(exponent);
        if (size < 10) {
            into.put('0');
        }
        into.ascii(Integer.toString(size));
    }

    private void zeros(int count) {
        for (int i = 0; i < count; i++) {
            into.put('0');
        }
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
