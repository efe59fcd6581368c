package turnout.gateway.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;

class InflationTest {
    private static final byte[] TEXT =
            "some text, some text, some text".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    @Property(tries = 200)
    void whatWasCompressedComesBack(@ForAll @Size(max = 5000) byte[] bytes) throws Exception {
        assertThat(Inflation.GZIP.inflate(gzip(bytes), 5000)).isEqualTo(bytes);
        assertThat(Inflation.DEFLATE.inflate(deflate(bytes), 5000)).isEqualTo(bytes);
        assertThat(Inflation.NONE.inflate(bytes, 1)).isEqualTo(bytes);
    }

    @Test
    void everyTruncationIsAnError() throws IOException {
        byte[] gzip = gzip(TEXT);
        byte[] deflate = deflate(TEXT);
        for (int length = 0; length < gzip.length; length++) {
            byte[] cut = Arrays.copyOf(gzip, length);
            assertThatThrownBy(() -> Inflation.GZIP.inflate(cut, 1000)).isInstanceOf(DataFormatException.class);
        }
        for (int length = 0; length < deflate.length; length++) {
            byte[] cut = Arrays.copyOf(deflate, length);
            assertThatThrownBy(() -> Inflation.DEFLATE.inflate(cut, 1000)).isInstanceOf(DataFormatException.class);
        }
    }

    @Test
    void bytesAfterTheEndAreAnError() throws IOException {
        byte[] gzip = gzip(TEXT);
        byte[] deflate = deflate(TEXT);
        assertThatThrownBy(() -> Inflation.GZIP.inflate(Arrays.copyOf(gzip, gzip.length + 1), 1000))
                .isInstanceOf(DataFormatException.class);
        assertThatThrownBy(() -> Inflation.DEFLATE.inflate(Arrays.copyOf(deflate, deflate.length + 1), 1000))
                .isInstanceOf(DataFormatException.class);
    }

    @Test
    void aWrongChecksumIsAnError() throws IOException {
        byte[] gzip = gzip(TEXT);
        gzip[gzip.length - 6] ^= 1;

        assertThatThrownBy(() -> Inflation.GZIP.inflate(gzip, 1000)).isInstanceOf(DataFormatException.class);
    }

    @Property(tries = 500)
    void garbageIsAnErrorAndNothingElse(@ForAll @Size(max = 200) byte[] garbage, @ForAll boolean header) {
        byte[] bytes = garbage.clone();
        if (header && bytes.length > 3) {
            bytes[0] = 0x1f;
            bytes[1] = (byte) 0x8b;
            bytes[2] = 8;
        }
        try {
            assertThat(Inflation.GZIP.inflate(bytes, 1000)).hasSizeLessThanOrEqualTo(1000);
        } catch (DataFormatException e) {
            assertThat(e).isNotNull();
        }
    }

    @Test
    void aBombIsStoppedAtTheLimit() throws IOException {
        byte[] bomb = gzip(new byte[50_000_000]);
        assertThat(bomb.length).isLessThan(100_000);

        assertThatThrownBy(() -> Inflation.GZIP.inflate(bomb, 100_000))
                .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.refusal())
                        .isEqualTo(new Refusal.TooLarge("the inflated request body", 100_000)));
        byte[] other = deflate(new byte[50_000_000]);
        assertThatThrownBy(() -> Inflation.DEFLATE.inflate(other, 100_000)).isInstanceOf(RefusedException.class);
    }

    @Test
    void whatInflatesAThousandfoldIsRefusedOnceItIsAMebibyte() throws Exception {
        byte[] small = gzip(new byte[1 << 20]);
        assertThat(Inflation.GZIP.inflate(small, 64 << 20)).hasSize(1 << 20);

        for (byte[] bomb : List.of(gzip(new byte[50_000_000]), deflate(new byte[50_000_000]))) {
            Inflation inflation = bomb[0] == 0x1f ? Inflation.GZIP : Inflation.DEFLATE;
            assertThatThrownBy(() -> inflation.inflate(bomb, 64 << 20))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.refusal().kind()).isEqualTo(Refusal.Kind.TOO_LARGE))
                    .hasMessageContaining("1000 times");
        }
    }

    @Test
    void theLimitItselfIsAllowed() throws Exception {
        assertThat(Inflation.GZIP.inflate(gzip(TEXT), TEXT.length)).isEqualTo(TEXT);
        assertThatThrownBy(() -> Inflation.GZIP.inflate(gzip(TEXT), TEXT.length - 1))
                .isInstanceOf(RefusedException.class);
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] deflate(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflate = new DeflaterOutputStream(out)) {
            deflate.write(bytes);
        }
        return out.toByteArray();
    }
}
