package turnout.gateway.edge;

import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.impl.KeyStoreHelper;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import turnout.gateway.edge.TlsConfig.PemFile;
import turnout.gateway.edge.TlsConfig.PemSource;
import turnout.gateway.edge.TlsConfig.PemText;
import turnout.gateway.edge.TlsConfig.UnreadablePemConfig;

/** The PEM texts that a {@link TlsConfig} names, read and found to belong together. */
record TlsPems(Buffer certificate, Buffer key, Optional<Buffer> clientCa) {
    /**
     * @throws IllegalArgumentException naming the key and the file at fault
     */
    static TlsPems read(TlsConfig config, Function<Path, String> reader) {
        Buffer certificate = text("tls.certificate", config.certificate(), reader);
        Buffer key = text("tls.key", config.key(), reader);
        Optional<Buffer> clientCa = config.clientCa().map(source -> text("tls.client-ca", source, reader));
        parse("tls.certificate", config.certificate(), () -> KeyStoreHelper.loadCA(Stream.of(certificate)));
        parse("tls.key", config.key(), () -> paired(key, certificate));
        clientCa.ifPresent(ca ->
                parse("tls.client-ca", config.clientCa().orElseThrow(), () -> KeyStoreHelper.loadCA(Stream.of(ca))));
        return new TlsPems(certificate, key, clientCa);
    }

    private static Buffer text(String name, PemSource source, Function<Path, String> reader) {
        if (source instanceof PemFile file) {
            try {
                return Buffer.buffer(reader.apply(file.path()));
            } catch (UnreadablePemConfig e) {
                throw new IllegalArgumentException(name + " " + file.path() + ": " + e.getMessage(), e);
            }
        }
        return Buffer.buffer(((PemText) source).text());
    }

    /** Half a rotation, the new certificate with the old key, would fail every handshake: Vert.x and the JDK do not look. */
    private static KeyStore paired(Buffer key, Buffer certificate) throws Exception {
        KeyStore store = KeyStoreHelper.loadKeyCert(List.of(key), List.of(certificate));
        String alias = store.aliases().nextElement();
        Key loaded = store.getKey(alias, KeyStoreHelper.DUMMY_PASSWORD.toCharArray());
        if (!(loaded instanceof PrivateKey secret) || !isPair(secret, store.getCertificate(alias))) {
            throw new VertxException("is not the key of the server's certificate");
        }
        return store;
    }

    private static boolean isPair(PrivateKey key, Certificate certificate) throws GeneralSecurityException {
        String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        byte[] probe = {1, 2, 3};
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(probe);
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certificate.getPublicKey());
        verifying.update(probe);
        return verifying.verify(signing.sign());
    }

    private static void parse(String name, PemSource source, Parser parser) {
        try {
            KeyStore ignored = parser.parse();
        } catch (Exception e) {
            String where = source instanceof PemFile file ? " " + file.path() : "";
            Throwable cause = e instanceof VertxException && e.getCause() != null ? e.getCause() : e;
            throw new IllegalArgumentException(name + where + ": " + problem(cause), e);
        }
    }

    private static String problem(Throwable e) {
        return e.getMessage() == null ? "is not valid PEM" : e.getMessage();
    }

    /** Vert.x's loaders declare no less. */
    private interface Parser {
        KeyStore parse() throws Exception;
    }
}
