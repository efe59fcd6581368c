package turnout.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.gateway.edge.TlsConfig;
import turnout.gateway.edge.TlsConfig.ClientAuth;
import turnout.gateway.edge.TlsConfig.PemFile;
import turnout.gateway.rig.TestCertificate;

/** The {@code tls} section, and what its files must be. */
class TlsSectionTest {
    private static TestCertificate one;
    private static TestCertificate other;

    private Path folder;

    @BeforeAll
    static void makeCertificates(@TempDir Path stores) throws IOException, GeneralSecurityException {
        one = TestCertificate.create(stores, "one");
        other = TestCertificate.create(stores, "other");
    }

    @BeforeEach
    void writeFiles(@TempDir Path directory) throws IOException {
        folder = directory;
        Files.writeString(directory.resolve("cert.pem"), one.certificate());
        Files.writeString(directory.resolve("key.pem"), one.key());
        Files.writeString(directory.resolve("other.pem"), other.key());
    }

    @Test
    void pathsAreRelativeToTheFile() {
        assertThat(read("tls: {certificate: cert.pem, key: ./key.pem, client-ca: cert.pem, client-auth: required}"))
                .hasValue(new TlsConfig(
                        new PemFile(folder.resolve("cert.pem")),
                        new PemFile(folder.resolve("key.pem")),
                        Optional.of(new PemFile(folder.resolve("cert.pem"))),
                        ClientAuth.REQUIRED));
    }

    @Test
    void withoutTheSectionThereIsNoTls() {
        assertThat(read("")).isEmpty();
    }

    @Test
    void whatIsWrongIsSaidWithFileLineAndKey() {
        refused("tls: {certificate: cert.pem}", "turnout.yaml:1: tls: needs key");
        refused("tls:\n  certificate: none.pem\n  key: key.pem", "turnout.yaml:2: tls.certificate: ", "no such file");
        refused("tls:\n  certificate: cert.pem\n  key: cert.pem", "turnout.yaml:3: tls.key: ", "PRIVATE KEY");
        refused("tls:\n  certificate: cert.pem\n  key: other.pem", "turnout.yaml:3: tls.key: ", "not the key of");
        refused(
                "tls: {certificate: cert.pem, key: key.pem, client-auth: required}",
                "turnout.yaml:1: tls.client-auth: ",
                "client-ca");
        refused(
                "tls: {certificate: cert.pem, key: key.pem, client-auth: maybe}",
                "turnout.yaml:1: tls.client-auth: expected one of none, required");
        refused("tls: {certificate: cert.pem, key: key.pem, sni: on}", "turnout.yaml:1: tls.sni: unknown key");
    }

    private Optional<TlsConfig> read(String yaml) {
        Path file = ConfigFiles.write(folder.resolve("turnout.yaml"), yaml);
        return new TurnoutFile(name -> Map.<String, String>of().get(name), 2)
                .read(file, CommandLine.NONE)
                .edge()
                .tls();
    }

    private void refused(String yaml, String... parts) {
        assertThatThrownBy(() -> read(yaml)).isInstanceOf(ConfigException.class).hasMessageContainingAll(parts);
    }
}
