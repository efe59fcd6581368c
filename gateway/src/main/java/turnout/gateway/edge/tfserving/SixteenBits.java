package turnout.gateway.edge.tfserving;

/** Floating-point numbers of sixteen bits: IEEE's half (5 bits of exponent) and bfloat16 (8 bits). */
final class SixteenBits {
    private static final int HALF_FRACTION = 10;
    private static final int HALF_LEAST_EXPONENT = -14;
    private static final double HALF_MOST = 65504;
    private static final int BFLOAT_FRACTION = 7;

    private SixteenBits() {}

    /** The nearest half, ties to even. */
    static int half(double value) {
        int sign = (int) (Double.doubleToRawLongBits(value) >>> 48) & 0x8000;
        double magnitude = Math.abs(value);
        if (Double.isNaN(value)) {
            return sign | 0x7E00;
        }
        double rounded = round(magnitude, HALF_FRACTION, HALF_LEAST_EXPONENT);
        if (rounded > HALF_MOST) {
            return sign | 0x7C00;
        }
        if (rounded < Math.scalb(1.0, HALF_LEAST_EXPONENT)) {
            return sign | (int) Math.scalb(rounded, HALF_FRACTION - HALF_LEAST_EXPONENT);
        }
        int exponent = Math.getExponent(rounded);
        int fraction = (int) Math.scalb(rounded, HALF_FRACTION - exponent) - (1 << HALF_FRACTION);
        return sign | (exponent - HALF_LEAST_EXPONENT + 1) << HALF_FRACTION | fraction;
    }

    /** The nearest bfloat16, ties to even. */
    static int bfloat16(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Float.floatToIntBits((float) value) >>> 16;
        }
        // Rounded to as many bits, it is a float whose lower half is empty.
        return Float.floatToRawIntBits((float) round(value, BFLOAT_FRACTION, Float.MIN_EXPONENT)) >>> 16;
    }

    static float fromHalf(int bits) {
        int exponent = bits >> HALF_FRACTION & 0x1F;
        int fraction = bits & 0x3FF;
        float magnitude;
        if (exponent == 0x1F) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponent == 0) {
            magnitude = Math.scalb((float) fraction, HALF_LEAST_EXPONENT - HALF_FRACTION);
        } else {
            magnitude = Math.scalb(
                    (float) (fraction | 1 << HALF_FRACTION), exponent - 1 + HALF_LEAST_EXPONENT - HALF_FRACTION);
        }
        return (bits & 0x8000) == 0 ? magnitude : -magnitude;
    }

    static float fromBfloat16(int bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** To a multiple of the unit in the last place that the format has at this magnitude: powers of two, so both steps are exact. */
    private static double round(double value, int fractionBits, int leastExponent) {
        int unit = Math.max(Math.getExponent(value), leastExponent) - fractionBits;
        return Math.scalb(Math.rint(Math.scalb(value, -unit)), unit);
    }
}
