package turnout.dist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;

/** Where things are, on this machine. */
final class Checkout {
    private Checkout() {}

    /** The repository's root. */
    static Path root() {
        return Path.of(System.getProperty("turnout.checkout", ".."))
                .toAbsolutePath()
                .normalize();
    }

    static Path launcher() {
        return root().resolve("turnout");
    }

    /** The runnable tree. */
    static Path tree() {
        return root().resolve("dist/target/turnout");
    }

    /** A port that nobody listens on at this moment. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
