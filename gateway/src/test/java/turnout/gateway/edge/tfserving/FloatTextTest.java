package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatTextTest {
    private static String text(float value) {
        ByteSink sink = new ByteSink(32);
        new FloatText(sink).write(value);
        return new String(sink.toByteArray(), StandardCharsets.US_ASCII);
    }

    private static String text(double value) {
        ByteSink sink = new ByteSink(32);
        new FloatText(sink).write(value);
        return new String(sink.toByteArray(), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({
        "9000000,9e+06",
        "999999,999999.0",
        "0.5,0.5",
        "0.0003,0.0003",
        "0.00003,3e-05",
        "555557.5,555557.5",
        "0.2,0.2",
        "0.3333333333333333,0.333333343",
        "16777216,16777216.0",
        "-0.0,-0.0",
        "0,0.0",
        "3,3.0",
        "-2.5,-2.5",
        "123456,123456.0",
        "100000,100000.0",
        "1000000,1e+06",
        "1e10,1e+10",
        "1e-7,1e-07",
        "3.4028234663852886e38,3.40282347e+38",
        "1.4e-45,1.4013e-45",
        "NaN,NaN",
        "Infinity,Infinity",
        "-Infinity,-Infinity",
        "1234567,1234567.0",
        "999999.5,999999.5",
        "0.0001,0.0001",
        "12.5,12.5",
        "99.99999,99.9999924"
    })
    void cases53And54_floats(float value, String expected) {
        assertThat(text(value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "0.30000000000000004,0.30000000000000004",
        "0.1,0.1",
        "2.5,2.5",
        "-0.0,-0.0",
        "0.3333333333333333,0.33333333333333331",
        "1e300,1e+300",
        "123456789,123456789.0",
        "1e22,1e+22",
        "7,7.0",
        "NaN,NaN",
        "Infinity,Infinity",
        "-Infinity,-Infinity",
        "4.9e-324,4.94066e-324",
        "1e-5,1e-05"
    })
    void cases53And54_doubles(double value, String expected) {
        assertThat(text(value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "1435774336,1435774336.0",
        "-1435774336,-1435774336.0",
        "99999997952,1e+11",
        "12345678848,12345678848.0",
        "1234567936,1234567936.0",
        "2147483648,2147483648.0",
        "1234567890123456.0,1234567948140544.0",
        "12345678901234567,12345678407663616.0",
        "123456789012345678,1.23456791e+17",
        "8589934592,8589934592.0"
    })
    void case7_wholeFloatsReadAsDoublesAreWhatTheModelSaid(float value, String expected) {
        assertThat(text(value)).isEqualTo(expected);
        assertThat(Float.parseFloat(expected)).isEqualTo(value);
    }

    @Test
    void floatsOfAllExponentsReadBackAndManyAreSpelledAsByExactArithmetic() {
        // A million and a half bit patterns, in steps that end in any bits.
        int count = 0;
        for (long bits = 0; bits < 1L << 32; bits += 2861) {
            float value = Float.intBitsToFloat((int) bits);
            if (Float.isNaN(value) || Float.isInfinite(value)) {
                continue;
            }
            String written = text(value);
            if (Float.floatToRawIntBits(Float.parseFloat(written)) != (int) bits || count++ % 32 == 0) {
                assertThat(written).as("%08x", bits).isEqualTo(expected(value));
            }
        }
        assertThat(count).isGreaterThan(1_400_000);
    }

    @Test
    void anyFloatIsSpelledAsByExactArithmetic() {
        Random random = new Random(1);
        for (int i = 0; i < 60_000; i++) {
            float value = i % 3 == 0
                    ? Float.intBitsToFloat(random.nextInt())
                    : i % 3 == 1 ? (random.nextInt(2_000_000) - 1_000_000) / 1000f : (float) random.nextGaussian();
            if (Float.isNaN(value) || Float.isInfinite(value)) {
                continue;
            }
            String expected = expected(value);
            assertThat(text(value)).isEqualTo(expected);
            assertThat(Float.parseFloat(expected)).isEqualTo(value);
        }
    }

    @Test
    void anyDoubleIsSpelledAsByExactArithmetic() {
        Random random = new Random(2);
        for (int i = 0; i < 20_000; i++) {
            double value = i % 2 == 0
                    ? Double.longBitsToDouble(random.nextLong())
                    : (random.nextInt(2_000_000) - 1_000_000) / 1000.0;
            if (Double.isNaN(value) || Double.isInfinite(value)) {
                continue;
            }
            String expected = general(value, 6);
            if (Double.parseDouble(expected) != value) {
                expected = general(value, 17);
            }
            assertThat(text(value)).isEqualTo(expected);
            assertThat(Double.parseDouble(expected)).isEqualTo(value);
        }
    }

    private static String expected(float value) {
        String six = general(value, 6);
        if (Float.parseFloat(six) == value) {
            return six;
        }
        String nine = general(value, 9);
        boolean isWhole = value == Math.rint(value) && Math.abs(value) < 1e17;
        return isWhole && Double.parseDouble(nine) != value ? new BigDecimal(value).toPlainString() + ".0" : nine;
    }

    /** C's {@code %.<precision>g} by the book, and {@code .0} where it looks like an integer. */
    private static String general(double value, int precision) {
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(precision, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (exponent >= -4 && exponent < precision) {
            String plain = rounded.stripTrailingZeros().toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String digits = rounded.unscaledValue().abs().toString().replaceAll("0+$", "");
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        return (value < 0 ? "-" : "") + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+")
                + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }
}
