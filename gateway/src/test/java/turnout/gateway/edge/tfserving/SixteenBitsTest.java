package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SixteenBitsTest {
    @Test
    void everyHalfComesBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = SixteenBits.fromHalf(bits);
            if (!Float.isNaN(value)) {
                assertThat(SixteenBits.half(value)).isEqualTo(bits);
            }
        }
        assertThat(SixteenBits.half(Double.NaN) & 0x7FFF).isEqualTo(0x7E00);
    }

    @Test
    void everyBfloat16ComesBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = SixteenBits.fromBfloat16(bits);
            if (!Float.isNaN(value)) {
                assertThat(SixteenBits.bfloat16(value)).isEqualTo(bits);
            }
        }
        assertThat(SixteenBits.fromBfloat16(SixteenBits.bfloat16(Double.NaN))).isNaN();
    }

    @Test
    void whatLiesBetweenTwoGoesToTheNearerAndFromTheMiddleToTheEvenOne() {
        for (int bits = 0; bits < 0x7C00 - 1; bits++) {
            double low = SixteenBits.fromHalf(bits);
            double high = SixteenBits.fromHalf(bits + 1);
            double middle = (low + high) / 2;
            assertThat(SixteenBits.half(middle)).isEqualTo(bits % 2 == 0 ? bits : bits + 1);
            assertThat(SixteenBits.half(Math.nextDown(middle))).isEqualTo(bits);
            assertThat(SixteenBits.half(Math.nextUp(middle))).isEqualTo(bits + 1);
            assertThat(SixteenBits.half(-Math.nextUp(middle))).isEqualTo(bits + 1 | 0x8000);
        }
    }

    @Test
    void whatIsTooLargeIsInfinite() {
        assertThat(SixteenBits.half(65519.999)).isEqualTo(0x7BFF);
        assertThat(SixteenBits.half(65520)).isEqualTo(0x7C00);
        assertThat(SixteenBits.half(-1e300)).isEqualTo(0xFC00);
        assertThat(SixteenBits.bfloat16(3.4e38)).isEqualTo(0x7F80);
        assertThat(SixteenBits.bfloat16(-1e300)).isEqualTo(0xFF80);
    }
}
