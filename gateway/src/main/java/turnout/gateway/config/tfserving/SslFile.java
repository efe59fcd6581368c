package turnout.gateway.config.tfserving;

import java.nio.file.Path;
import java.util.Optional;
import turnout.gateway.config.ConfigException;
import turnout.gateway.edge.TlsConfig;
import turnout.gateway.edge.TlsConfig.ClientAuth;
import turnout.gateway.edge.TlsConfig.PemText;
import turnout.protocol.tfserving.SSLConfig;

/** Reads the keys of a server, which stand in the file themselves. Nothing of them is ever shown. */
final class SslFile {
    private SslFile() {}

    /** @throws ConfigException naming file, line, column and field */
    static TlsConfig read(Path file) {
        TextProto<SSLConfig> text = TextProto.read(file, SSLConfig.getDefaultInstance());
        SSLConfig said = text.message();
        PemText key = required(text, "server_key", said.getServerKey());
        PemText certificate = required(text, "server_cert", said.getServerCert());
        if (!said.getClientVerify()) {
            // Whose certificates would count says nothing where none are asked for.
            return checked(file, new TlsConfig(certificate, key, Optional.empty(), ClientAuth.NONE));
        }
        PemText clientCa = required(text, "custom_ca", said.getCustomCa());
        return checked(file, new TlsConfig(certificate, key, Optional.of(clientCa), ClientAuth.REQUIRED));
    }

    private static PemText required(TextProto<SSLConfig> text, String field, String pem) {
        if (pem.isBlank()) {
            throw text.wrong(field, "expected a PEM text, got nothing");
        }
        return new PemText(pem);
    }

    private static TlsConfig checked(Path file, TlsConfig tls) {
        try {
            tls.check(path -> {
                throw new AssertionError(path);
            });
            return tls;
        } catch (IllegalArgumentException e) {
            String problem = String.valueOf(e.getMessage())
                    .replace("tls.certificate", "server_cert")
                    .replace("tls.client-ca", "custom_ca")
                    .replace("tls.key", "server_key");
            throw new ConfigException(file.toString(), 0, "", problem);
        }
    }
}
