package turnout.gateway.edge;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** How a reply is compressed, as {@code Accept-Encoding} asks. */
public enum ReplyCoding {
    IDENTITY,
    GZIP,
    DEFLATE;

    /** Below this a reply fits in one packet anyway. */
    private static final int LEAST_BYTES = 1024;

    private static final byte[] GZIP_HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    private static final int GZIP_TRAILER = 8;

    /** The coding of the highest weight, the first of several; plain where none is named that can be had. */
    public static ReplyCoding of(@Nullable String acceptEncoding) {
        ReplyCoding best = IDENTITY;
        double bestWeight = 0;
        String header = acceptEncoding == null ? "" : acceptEncoding;
        for (String part : header.toLowerCase(Locale.ROOT).split(",")) {
            int semicolon = part.indexOf(';');
            String name = (semicolon < 0 ? part : part.substring(0, semicolon)).trim();
            double weight =
                    semicolon < 0 ? 1 : weight(part.substring(semicolon + 1).trim());
            if (weight > bestWeight && (name.equals("gzip") || name.equals("deflate") || name.equals("identity"))) {
                best = valueOf(name.toUpperCase(Locale.ROOT));
                bestWeight = weight;
            }
        }
        return best;
    }

    /** Its name in {@code Content-Encoding}. */
    public String token() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a reply of that size is compressed at all. */
    public boolean applies(int bytes) {
        return this != IDENTITY && bytes >= LEAST_BYTES;
    }

    public Buffer compress(Buffer plain) {
        byte[] bytes = plain.getBytes();
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, this == GZIP);
        try {
            deflater.setInput(bytes);
            deflater.finish();
            byte[] packed = new byte[bytes.length / 4 + 256];
            int count = 0;
            while (!deflater.finished()) {
                if (count == packed.length) {
                    packed = Arrays.copyOf(packed, packed.length * 2);
                }
                count += deflater.deflate(packed, count, packed.length - count);
            }
            Buffer out = Buffer.buffer(count + GZIP_HEADER.length + GZIP_TRAILER);
            if (this == DEFLATE) {
                return out.appendBytes(packed, 0, count);
            }
            CRC32 crc = new CRC32();
            crc.update(bytes);
            return out.appendBytes(GZIP_HEADER)
                    .appendBytes(packed, 0, count)
                    .appendIntLE((int) crc.getValue())
                    .appendIntLE(bytes.length);
        } finally {
            deflater.end();
        }
    }

    /** The weight of {@code q=0.5}; what cannot be read counts as nothing. */
    private static double weight(String parameter) {
        if (!parameter.matches("q\\s*=\\s*[0-9](\\.[0-9]{0,3})?")) {
            return 0;
        }
        return Double.parseDouble(
                parameter.substring(parameter.indexOf('=') + 1).trim());
    }
}
