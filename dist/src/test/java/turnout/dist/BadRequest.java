package turnout.dist;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A request that must be refused.
 *
 * @param name what is wrong with it
 * @param words that the message must hold, so that its reader knows what to do
 */
@SuppressWarnings("ArrayRecordComponent") // never written to, never compared
record BadRequest(
        String name, String method, String path, List<String> headers, byte[] body, int status, String words) {
    static BadRequest post(String name, String path, String body, int status, String words) {
        return new BadRequest(name, "POST", path, List.of(), body.getBytes(StandardCharsets.UTF_8), status, words);
    }

    /** Without a body. */
    static BadRequest bare(String name, String method, String path, int status, String words) {
        return new BadRequest(name, method, path, List.of(), new byte[0], status, words);
    }

    BadRequest header(String header, String value) {
        return new BadRequest(name, method, path, List.of(header, value), body, status, words);
    }

    BadRequest body(byte[] bytes) {
        return new BadRequest(name, method, path, headers, bytes, status, words);
    }

    @Override
    public String toString() {
        return name;
    }
}
