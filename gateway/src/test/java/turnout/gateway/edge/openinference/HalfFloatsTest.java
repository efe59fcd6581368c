package turnout.gateway.edge.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfFloatsTest {
    @Test
    void everyFp16ValueSurvivesTheWayThroughAFloat() {
        for (int bits = 0; bits < 0x10000; bits++) {
            float value = HalfFloats.fromFp16((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(HalfFloats.toFp16(value)).as("%04x", bits).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void everyBf16ValueSurvivesTheWayThroughAFloat() {
        for (int bits = 0; bits < 0x10000; bits++) {
            float value = HalfFloats.fromBf16((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(HalfFloats.toBf16(value)).as("%04x", bits).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void fp16IsRoundedToTheNearestAndTiesToEven() {
        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(2049))).isEqualTo(2048);
        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(2051))).isEqualTo(2052);
        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(65519))).isEqualTo(65504);
        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(65520))).isInfinite();
        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(2.98e-8))).isZero();
        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(3.1e-8))).isEqualTo(0x1p-24f);
        assertThat(HalfFloats.toFp16(-0.0)).isEqualTo((short) 0x8000);
    }

    @Test
    void nanStaysNan() {
        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(Double.NaN))).isNaN();
        assertThat(HalfFloats.fromBf16(HalfFloats.toBf16(Float.NaN))).isNaN();
    }
}
