package turnout.gateway.edge;

import io.vertx.core.MultiMap;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.Deadline;
import turnout.spi.ModelVersion;
import turnout.spi.Ticker;

/** Turnout's own headers, the same over HTTP and in gRPC metadata. */
final class RequestHeaders {
    static final String REQUEST_ID = "x-turnout-request-id";
    static final String KEY = "x-turnout-key";
    static final String TIMEOUT_MS = "x-turnout-timeout-ms";

    private static final int LONGEST_ID = 128;
    private static final int LONGEST_KEY = 1024;

    private RequestHeaders() {}

    /** The caller's request id where it gave a usable one, a new one else. */
    static String requestId(MultiMap headers) {
        String given = headers.get(REQUEST_ID);
        if (given != null && !given.isEmpty() && given.length() <= LONGEST_ID && isPrintable(given)) {
            return given;
        }
        return newId();
    }

    /** 128 bits in hex. Nobody has to be unable to guess it, so no generator that all event loops would queue for. */
    private static String newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    }

    /** What the caller wants to be dealt by, null when it did not say. */
    static @Nullable String key(MultiMap headers) {
        String key = headers.get(KEY);
        if (key != null && key.length() > LONGEST_KEY) {
            throw new RefusedException(new Refusal.Malformed(
                    "header " + KEY + " has " + key.length() + " characters, the limit is " + LONGEST_KEY));
        }
        return key == null || key.isEmpty() ? null : key;
    }

    /** The deadline of {@code x-turnout-timeout-ms}, null when it is not there. */
    static @Nullable Deadline deadline(MultiMap headers, Ticker ticker) {
        String text = headers.get(TIMEOUT_MS);
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9]{1,12}") || Long.parseLong(text) == 0) {
            throw new RefusedException(
                    new Refusal.Malformed("header " + TIMEOUT_MS + " must be a positive whole number of milliseconds"));
        }
        return Deadline.after(Duration.ofMillis(Long.parseLong(text)), ticker);
    }

    /** Writes what happened to the call: which version answered, from where, under which id. */
    static void describe(CallRecord record, MultiMap target) {
        target.set(REQUEST_ID, record.requestId());
        ModelVersion version = record.version();
        if (version != null) {
            target.set("x-turnout-model", headerText(version.model()));
            target.set("x-turnout-version", Long.toString(version.number()));
            String arm = record.arm();
            if (arm != null) {
                target.set("x-turnout-arm", arm);
            }
            target.set("x-turnout-cache", record.cache().tag());
        }
    }

    private static boolean isPrintable(String text) {
        return text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    }

    /** Header values are ASCII; a model's name may be anything. */
    private static String headerText(String text) {
        return isPrintable(text) ? text : URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
