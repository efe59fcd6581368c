package turnout.gateway.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.HexFormat;
import java.util.Locale;

/** A socket that says exactly what the test wants. */
final class RawConnection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;

    RawConnection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = socket.getInputStream();
    }

    /** Sends the text, with CR LF for each line feed. */
    RawConnection send(String text) throws IOException {
        return send(text.replace("\n", "\r\n").getBytes(ISO_8859_1));
    }

    RawConnection send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** The next response: head, and body by its content length. */
    Response response() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after '" + head + "'");
            }
            head.append((char) next);
        }
        String text = head.toString();
        byte[] body = in.readNBytes(contentLength(text));
        return new Response(
                Integer.parseInt(text.substring(9, 12)), text.toLowerCase(Locale.ROOT), new String(body, ISO_8859_1));
    }

    /** Reads and forgets that many bytes; returns how many came. */
    int skip(int bytes) throws IOException {
        return in.readNBytes(bytes).length;
    }

    /** Reads until those bytes have come, given in hex. */
    void awaitBytes(String hex) throws IOException {
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf(hex) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after " + seen);
            }
            seen.append(HexFormat.of().toHexDigits((byte) next));
        }
    }

    /** Whether nothing has come that was not read. */
    boolean isSilent() throws IOException {
        return in.available() == 0;
    }

    /** Whether the other side closes, with nothing more to say; waits for it. */
    boolean isClosed() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    private static int contentLength(String head) {
        for (String line : head.split("\r\n")) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                return Integer.parseInt(line.substring(15).trim());
            }
        }
        return 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    record Response(int status, String head, String body) {}
}
