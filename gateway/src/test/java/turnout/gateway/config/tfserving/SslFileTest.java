package turnout.gateway.config.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.gateway.config.ConfigException;
import turnout.gateway.edge.TlsConfig;
import turnout.gateway.edge.TlsConfig.ClientAuth;
import turnout.gateway.edge.TlsConfig.PemText;

class SslFileTest {
    // Made for these tests only, for a hundred years.
    private static final String KEY = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRyKknaKAadcRubJE
            cb9anORxD6zMtKaxvZLepQ1Sa26hRANCAASMvx5c8Kecm6+oPhmJ8Hbjrin7t/dA
            vc4pJRjTw+NmGoRDcxhJnKJCinpgmcKXbIiQ5AORNq5Es3kMZEA2B2bt
            -----END PRIVATE KEY-----
            """;
    private static final String CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBfzCCASWgAwIBAgIUMGMyBczyvrlX0qKpxiAWiVkuZhcwCgYIKoZIzj0EAwIw
            FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDE1NDE1NVoYDzIxMjYxMDMx
            MTU0MTU1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAASMvx5c8Kecm6+oPhmJ8Hbjrin7t/dAvc4pJRjTw+NmGoRDcxhJnKJC
            inpgmcKXbIiQ5AORNq5Es3kMZEA2B2bto1MwUTAdBgNVHQ4EFgQU1DqWpejv1HD7
            HfANLsOtFaBzKI0wHwYDVR0jBBgwFoAU1DqWpejv1HD7HfANLsOtFaBzKI0wDwYD
            VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBs0QLzWRDq0F1sCTidgYwo
            L1iGpSpsMw1i1KL8jHr3EgIhANGniaP6EehhCXMdahCUKd9Z9Oq6iEtmUPlE1Z3q
            Dnwy
            -----END CERTIFICATE-----
            """;
    private static final String OTHER_KEY = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgd73Gw8msO13DSg7c
            YX4YN2W5fPrFSXKs6rav67kXFjuhRANCAARF0y95fZBO/XX4uHklWMqsgug3IiPk
            pAt0xjehwysZKRFRxPa2kLQGzXN2RSsg+9hD2OsdxV9ye8BOk2WSYWx9
            -----END PRIVATE KEY-----
            """;

    @TempDir
    Path directory = Path.of("");

    private Path file(String text) {
        try {
            return Files.writeString(directory.resolve("ssl.config"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A field whose value has many lines. */
    private static String field(String name, String value) {
        return name + ": \"" + value.replace("\n", "\\n") + "\"\n";
    }

    private void refused(String problem, String text) {
        Path file = file(text);
        assertThatThrownBy(() -> SslFile.read(file))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(file + ":")
                .hasMessageContaining(problem)
                .hasMessageNotContaining("PRIVATE KEY");
    }

    @Test
    void keysStandInTheFileItself() {
        assertThat(SslFile.read(file(field("server_key", KEY) + field("server_cert", CERTIFICATE))))
                .isEqualTo(
                        new TlsConfig(new PemText(CERTIFICATE), new PemText(KEY), Optional.empty(), ClientAuth.NONE));
    }

    @Test
    void clientsAreAskedForCertificatesOnlyWhereTheFileSaysSo() {
        String keys = field("server_key", KEY) + field("server_cert", CERTIFICATE) + field("custom_ca", CERTIFICATE);
        assertThat(SslFile.read(file(keys)).clientAuth()).isEqualTo(ClientAuth.NONE);
        assertThat(SslFile.read(file(keys + "client_verify: true")))
                .isEqualTo(new TlsConfig(
                        new PemText(CERTIFICATE),
                        new PemText(KEY),
                        Optional.of(new PemText(CERTIFICATE)),
                        ClientAuth.REQUIRED));
    }

    @Test
    void whatIsMissingOrWrongIsNamedAndNoKeyIsShown() {
        refused("server_key: expected a PEM text, got nothing", field("server_cert", CERTIFICATE));
        refused("server_cert: expected a PEM text, got nothing", field("server_key", KEY));
        refused(
                "custom_ca: expected a PEM text, got nothing",
                field("server_key", KEY) + field("server_cert", CERTIFICATE) + "client_verify: true");
        refused("server_key", field("server_key", OTHER_KEY) + field("server_cert", CERTIFICATE));
        refused("server_cert", field("server_key", KEY) + field("server_cert", "none"));
        refused(
                ":2:1: server_crt: unknown field; did you mean \"server_cert\"?",
                field("server_key", KEY) + "server_crt: ''");
    }
}
