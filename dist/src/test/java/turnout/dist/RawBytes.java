package turnout.dist;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Bytes for a connection of their own.
 *
 * @param name what they are
 * @param answer a pattern for all that may come back before the connection ends, as ISO-8859-1
 */
@SuppressWarnings("ArrayRecordComponent") // never written to, never compared
record RawBytes(String name, byte[] bytes, String answer) {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final String REFUSED = "(?s)HTTP/[0-9]\\.[0-9] (4..|501|505) .*";
    private static final String REFUSED_OR_NOTHING = "(?s)()|" + REFUSED;
    /** Frames of HTTP/2 hold whatever bytes; there must be no answer to a request in them. */
    private static final String NO_SUCCESS = "(?s)(?!.*HTTP/1\\.1 200).*";

    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    static Stream<RawBytes> all() {
        byte[] noise = new byte[10_000];
        new Random(7).nextBytes(noise);
        String post = "POST /v2/models/half_plus_two/infer HTTP/1.1\r\nHost: localhost\r\n";
        return Stream.of(
                new RawBytes("noise", noise, REFUSED_OR_NOTHING),
                new RawBytes("nothing", new byte[0], REFUSED_OR_NOTHING),
                new RawBytes(
                        "a TLS greeting",
                        HexFormat.of().parseHex("16030100c8010000c40303" + "00".repeat(32)),
                        REFUSED_OR_NOTHING),
                text("another protocol", "SSH-2.0-OpenSSH_9.6\r\n", REFUSED_OR_NOTHING),
                text("another version", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", REFUSED_OR_NOTHING),
                text("an unknown method", "BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", REFUSED),
                text("no host", "GET /v2 HTTP/1.1\r\n\r\n", REFUSED),
                text("two hosts", "GET /v2 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", REFUSED),
                text("two lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", REFUSED),
                text(
                        "length and chunks",
                        post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        REFUSED),
                text("a negative length", post + "Content-Length: -1\r\n\r\n", REFUSED),
                text("a length of words", post + "Content-Length: many\r\n\r\n", REFUSED),
                text("a length beyond the limit", post + "Content-Length: 99999999\r\n\r\n", "(?s)HTTP/1.1 413 .*"),
                text(
                        "chunks beyond the limit",
                        post + "Transfer-Encoding: chunked\r\n\r\n110000\r\n" + "x".repeat(0x110000) + "\r\n",
                        "(?s)HTTP/1.1 413 .*"),
                text("a chunk of nonsense", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", REFUSED_OR_NOTHING),
                text("a header without end", post + "X: " + "x".repeat(200_000), REFUSED_OR_NOTHING),
                text("a thousand headers", post + "X: y\r\n".repeat(1000) + "\r\n", REFUSED),
                text("a blank in a header's name", post + "X : y\r\n\r\n", REFUSED),
                text("half a body", post + "Content-Length: 100\r\n\r\n{\"inputs\":", REFUSED_OR_NOTHING),
                text("a preface and noise", PREFACE + "z".repeat(5000), NO_SUCCESS),
                text("a preface and a frame of 16 MiB", PREFACE + "\u00ff\u00ff\u00ff\0\0\0\0\0\1", NO_SUCCESS));
    }

    private static RawBytes text(String name, String text, String answer) {
        return new RawBytes(name, text.getBytes(StandardCharsets.ISO_8859_1), answer);
    }

    /** Sends them and returns what comes back until the server ends the connection; fails if it does not. */
    String sendTo(int port) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            try {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
            } catch (SocketException e) {
                // The server had seen enough before all was sent; it may still have said why.
            }
            int next;
            while ((next = socket.getInputStream().read()) >= 0) {
                answer.write(next);
            }
        } catch (SocketException e) {
            // A reset is an end, too.
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
        return name;
    }
}
