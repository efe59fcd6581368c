package turnout.gateway.edge;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * TLS on the listeners.
 *
 * @param certificate the server's certificate, followed by those that signed it
 * @param key the certificate's private key, not encrypted
 * @param clientCa the certificates that clients' ones must be signed by
 * @param clientAuth whether a client needs one
 */
public record TlsConfig(PemSource certificate, PemSource key, Optional<PemSource> clientCa, ClientAuth clientAuth) {
    /** Whether a client must show a certificate. */
    public enum ClientAuth {
        NONE,
        REQUIRED
    }

    /** Where a PEM text comes from. */
    public sealed interface PemSource {}

    /** A file, read again when it changes. */
    public record PemFile(Path path) implements PemSource {}

    /** The text itself. Never shown: it may be a key. */
    public record PemText(String text) implements PemSource {
        @Override
        public String toString() {
            return "PemText[...]";
        }
    }

    public TlsConfig {
        if (clientAuth == ClientAuth.REQUIRED && clientCa.isEmpty()) {
            throw new IllegalArgumentException("tls.client-auth required needs tls.client-ca");
        }
        if (clientAuth == ClientAuth.NONE && clientCa.isPresent()) {
            throw new IllegalArgumentException("tls.client-ca does nothing unless tls.client-auth is required");
        }
    }

    /**
     * Reads what the sources name: the certificates parse, and the key is the certificate's.
     *
     * @param reader gives a file's text, or throws {@link UnreadablePemConfig}
     * @throws IllegalArgumentException naming the key and the file at fault
     */
    public void check(Function<Path, String> reader) {
        TlsPems ignored = TlsPems.read(this, reader);
    }

    /** A PEM file that cannot be read. */
    public static final class UnreadablePemConfig extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /**
         * @param problem what is wrong with the file
         */
        public UnreadablePemConfig(String problem) {
            super(problem, null, false, false);
        }
    }
}
