package turnout.gateway.edge.openinference;

/** The two 16-bit float formats, which Java 17 does not know. Rounding is to the nearest, ties to even. */
final class HalfFloats {
    private static final int FP16_INFINITY = 0x7c00;

    private HalfFloats() {}

    /** The FP16 bits nearest to a number; infinity beyond 65519. */
    static short toFp16(double value) {
        int sign = (int) (Double.doubleToRawLongBits(value) >>> 48) & 0x8000;
        double size = Math.abs(value);
        if (Double.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        if (size >= 65520) {
            return (short) (sign | FP16_INFINITY);
        }
        int exponent = Math.max(Math.getExponent(size), -14);
        // In units of the last place the number is exact, so that rint does the one rounding there is.
        int units = (int) Math.rint(Math.scalb(size, 10 - exponent));
        // Units beyond 2047 carry into the exponent by themselves; below 1024 the number is subnormal and the exponent
        // field 0.
        return (short) (sign | ((exponent + 14) << 10) + units);
    }

    /** The number that FP16 bits stand for. */
    static float fromFp16(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int mantissa = bits & 0x3ff;
        float size;
        if (exponent == 0x1f) {
            size = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponent == 0) {
            size = Math.scalb((float) mantissa, -24);
        } else {
            size = Math.scalb((float) (mantissa | 0x400), exponent - 25);
        }
        return bits < 0 ? -size : size;
    }

    /** The BF16 bits nearest to a number. */
    static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >> 16 | 0x40);
        }
        return (short) ((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }

    /** The number that BF16 bits stand for. */
    static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
