package turnout.gateway.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.gateway.edge.TlsConfig.ClientAuth;
import turnout.gateway.edge.TlsConfig.PemFile;
import turnout.gateway.edge.TlsConfig.PemText;
import turnout.gateway.rig.TestCertificate;

/** TLS on the data port, with clients of the JDK and of Vert.x. */
class EdgeTlsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static TestCertificate first;
    private static TestCertificate second;

    private Path folder;

    @BeforeAll
    static void makeCertificates(@TempDir Path stores) throws IOException, GeneralSecurityException {
        first = TestCertificate.create(stores, "first");
        second = TestCertificate.create(stores, "second");
    }

    @BeforeEach
    void writeFiles(@TempDir Path directory) throws IOException {
        folder = directory;
        write(first.certificate(), first.key());
    }

    @Test
    void http11AndHttp2AreSpokenOnTheSamePort() throws Exception {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG.withTls(files()))) {
            assertThat(rig.server().scheme()).isEqualTo("https");
            for (HttpClient.Version version : HttpClient.Version.values()) {
                HttpResponse<String> response = post(rig, context(first, Optional.empty()), version);
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.body()).isEqualTo("hello");
                assertThat(response.version()).isEqualTo(version);
            }
        }
    }

    @Test
    void grpcIsSpokenOnTheSamePort() {
        TlsConfig tls = new TlsConfig(
                new PemText(first.certificate()), new PemText(first.key()), Optional.empty(), ClientAuth.NONE);
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG.withTls(tls))) {
            GrpcClient client = GrpcClient.client(
                    rig.vertx,
                    new HttpClientOptions()
                            .setProtocolVersion(HttpVersion.HTTP_2)
                            .setSsl(true)
                            .setUseAlpn(true)
                            .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(first.certificate()))));
            ServiceMethod<Buffer, Buffer> check = ServiceMethod.client(
                    ServiceName.create("grpc.health.v1.Health"),
                    "Check",
                    GrpcMessageEncoder.IDENTITY,
                    GrpcMessageDecoder.IDENTITY);
            Buffer answer = result(client.request(SocketAddress.inetSocketAddress(rig.port(), "127.0.0.1"), check)
                    .compose(request -> request.send(Buffer.buffer()))
                    .compose(response -> response.last()));

            assertThat(answer.getBytes()).containsExactly(8, 1);
        }
    }

    @Test
    void aClientWithoutTheCertificateThatIsRequiredIsRefused() throws Exception {
        TlsConfig tls = new TlsConfig(
                new PemFile(folder.resolve("cert.pem")),
                new PemFile(folder.resolve("key.pem")),
                Optional.of(new PemText(second.certificate())),
                ClientAuth.REQUIRED);
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG.withTls(tls))) {
            SSLContext stranger = context(first, Optional.empty());
            SSLContext impostor = context(first, Optional.of(first));
            SSLContext known = context(first, Optional.of(second));

            assertThatThrownBy(() -> post(rig, stranger, HttpClient.Version.HTTP_2))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> post(rig, impostor, HttpClient.Version.HTTP_1_1))
                    .isInstanceOf(IOException.class);
            assertThat(post(rig, known, HttpClient.Version.HTTP_2).body()).isEqualTo("hello");
        }
    }

    @Test
    void aClientThatSpeaksInTheClearGetsNothing() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG.withTls(files()));
                RawConnection connection = new RawConnection(rig.port())) {
            assertThatThrownBy(() ->
                            connection.send("GET /now HTTP/1.1\nHost: a\n\n").response())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aHandshakeThatNeverComesIsCut() throws IOException {
        EdgeConfig config = EdgeRig.with(Duration.ofMillis(50), LONG, LONG, LONG, 10);
        try (EdgeRig rig = new EdgeRig(config.withTls(files()));
                RawConnection connection = new RawConnection(rig.port())) {
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void headsAreHeldToTheSameRules() throws Exception {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG.withTls(files()));
                SSLSocket socket = connect(rig, first)) {
            assertThat(status(socket, "GET /now HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n"))
                    .isEqualTo("HTTP/1.1 400");
        }
    }

    @Test
    void newFilesAreUsedForNewConnectionsWhileOldOnesGoOn() throws Exception {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG.withTls(files()));
                SSLSocket open = connect(rig, first)) {
            assertThat(status(open, "GET /now HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo("HTTP/1.1 200");
            assertThat(result(rig.server().reloadCertificates())).isFalse();

            write(second.certificate(), second.key());

            assertThat(result(rig.server().reloadCertificates())).isTrue();
            assertThat(post(rig, context(second, Optional.empty()), HttpClient.Version.HTTP_2)
                            .body())
                    .isEqualTo("hello");
            assertThat(status(open, "GET /now HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo("HTTP/1.1 200");
        }
    }

    @Test
    void filesThatDoNotFitTogetherLeaveTheOldOnesInUse() throws Exception {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG.withTls(files()))) {
            write(second.certificate(), first.key());
            assertThat(result(rig.server().reloadCertificates())).isFalse();
            write("no certificate", first.key());
            assertThat(result(rig.server().reloadCertificates())).isFalse();
            Files.delete(folder.resolve("cert.pem"));
            assertThat(result(rig.server().reloadCertificates())).isFalse();
            assertThat(post(rig, context(first, Optional.empty()), HttpClient.Version.HTTP_1_1)
                            .body())
                    .isEqualTo("hello");

            write(second.certificate(), second.key());

            assertThat(result(rig.server().reloadCertificates())).isTrue();
        }
    }

    @Test
    void aKeyIsNeverShown() {
        TlsConfig tls = new TlsConfig(
                new PemText(first.certificate()), new PemText(first.key()), Optional.empty(), ClientAuth.NONE);
        assertThat(tls.toString()).doesNotContain("BEGIN");
    }

    private TlsConfig files() {
        return new TlsConfig(
                new PemFile(folder.resolve("cert.pem")),
                new PemFile(folder.resolve("key.pem")),
                Optional.empty(),
                ClientAuth.NONE);
    }

    private void write(String certificate, String key) throws IOException {
        Files.writeString(folder.resolve("cert.pem"), certificate);
        Files.writeString(folder.resolve("key.pem"), key);
    }

    private static HttpResponse<String> post(EdgeRig rig, SSLContext context, HttpClient.Version version)
            throws IOException, InterruptedException {
        HttpClient client =
                HttpClient.newBuilder().sslContext(context).version(version).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + rig.port() + "/echo"))
                .POST(HttpRequest.BodyPublishers.ofString("hello"))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static SSLSocket connect(EdgeRig rig, TestCertificate server) throws Exception {
        SSLSocket socket =
                (SSLSocket) context(server, Optional.empty()).getSocketFactory().createSocket("127.0.0.1", rig.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Sends a request and returns the start of the answer; reads the rest of what has come. */
    private static String status(SSLSocket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        InputStream in = socket.getInputStream();
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("}") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after " + answer);
            }
            answer.append((char) next);
        }
        return answer.substring(0, 12);
    }

    /** What a client knows: the server it trusts, and perhaps who it is itself. */
    private static SSLContext context(TestCertificate server, Optional<TestCertificate> self) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        KeyStore store = store(server);
        trusted.setCertificateEntry(
                "server", store.getCertificate(store.aliases().nextElement()));
        trust.init(trusted);
        KeyManager[] keys = null;
        if (self.isPresent()) {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store(self.get()), TestCertificate.PASSWORD.toCharArray());
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore store(TestCertificate certificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(certificate.store())) {
            store.load(in, TestCertificate.PASSWORD.toCharArray());
        }
        return store;
    }
}
