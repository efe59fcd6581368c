package turnout.gateway.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.CancelSource;

/** Bodies within their limits, and what becomes of clients that are slow or leave. */
class EdgeBodyTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(50);

    @Test
    void aBodyComesBackWhole() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG);
                RawConnection connection = new RawConnection(rig.port())) {
            String body = "x".repeat(100_000);
            connection.send("POST /echo HTTP/1.1\nHost: a\nContent-Length: 100000\n\n" + body);
            assertThat(connection.response().body()).isEqualTo(body);

            connection.send("POST /echo HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3\nabc\n2\nde\n0\n\n");
            assertThat(connection.response().body()).isEqualTo("abcde");
        }
    }

    @Test
    void aDeclaredLengthOverTheCapIsRefusedBeforeTheBody() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG);
                RawConnection connection = new RawConnection(rig.port())) {
            RawConnection.Response response = connection
                    .send("POST /echo HTTP/1.1\nHost: a\nContent-Length: 100001\n\n")
                    .response();

            assertThat(response.status()).isEqualTo(413);
            assertThat(response.head()).contains("connection: close");
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void chunksOverTheCapAreRefused() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG);
                RawConnection connection = new RawConnection(rig.port())) {
            connection.send("POST /echo HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n");
            connection.send("186a1\n" + "x".repeat(100_001));

            assertThat(connection.response().status()).isEqualTo(413);
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void aClientThatAsksFirstIsToldToGoOn() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG);
                RawConnection connection = new RawConnection(rig.port())) {
            connection.send("POST /echo HTTP/1.1\nHost: a\nContent-Length: 3\nExpect: 100-continue\n\n");
            assertThat(connection.response().status()).isEqualTo(100);

            assertThat(connection.send("abc").response().body()).isEqualTo("abc");
        }
    }

    @Test
    void aClientThatAsksFirstForTooMuchIsToldNo() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG);
                RawConnection connection = new RawConnection(rig.port())) {
            connection.send("POST /echo HTTP/1.1\nHost: a\nContent-Length: 100001\nExpect: 100-continue\n\n");

            assertThat(connection.response().status()).isEqualTo(413);
        }
    }

    @Test
    void evenSmallCompressedBodiesAreInflatedOnADecodeThread() throws Exception {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG);
                RawConnection compressed = new RawConnection(rig.port());
                RawConnection plain = new RawConnection(rig.port())) {
            CountDownLatch busy = new CountDownLatch(1);
            rig.vertx.runOnContext(start -> rig.pool.run(() -> busy.await(60, SECONDS)));
            byte[] bytes = InflationTest.gzip("hello".getBytes(ISO_8859_1));
            compressed.send(
                    "POST /echo HTTP/1.1\nHost: a\nContent-Encoding: gzip\nContent-Length: " + bytes.length + "\n\n");
            compressed.send(bytes);
            // One event loop: whoever comes later is answered first only if that body waits for the pool.
            assertThat(plain.send("GET /now HTTP/1.1\nHost: a\n\n").response().status())
                    .isEqualTo(200);
            assertThat(compressed.isSilent()).isTrue();

            busy.countDown();

            assertThat(compressed.response().body()).isEqualTo("hello");
        }
    }

    @Test
    void compressedBodiesAreInflatedWithinTheCap() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG)) {
            assertThat(post(rig, "gzip", InflationTest.gzip("hello".getBytes(ISO_8859_1)))
                            .body())
                    .isEqualTo("hello");
            assertThat(post(rig, "gzip", InflationTest.gzip(new byte[10_000_000]))
                            .status())
                    .isEqualTo(413);
            assertThat(post(rig, "gzip", new byte[] {1, 2, 3}).status()).isEqualTo(400);
            assertThat(post(rig, "br", new byte[] {1, 2, 3}).status()).isEqualTo(415);
            assertThat(post(rig, "identity", new byte[] {'a'}).body()).isEqualTo("a");
        }
    }

    @Test
    void bodiesThatHaveOnlyBegunToArriveCountUntilTheirAnswer() throws IOException {
        IncomingBytes incoming = new IncomingBytes(50_000);
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG, incoming);
                RawConnection slow = new RawConnection(rig.port())) {
            slow.send("POST /echo HTTP/1.1\nHost: a\nContent-Length: 40000\n\n" + "x".repeat(30_000));
            await().atMost(20, SECONDS).until(() -> incoming.held() == 30_000);

            assertThat(post(rig, "identity", new byte[30_000]).status()).isEqualTo(503);
            assertThat(slow.send("x".repeat(10_000)).response().status()).isEqualTo(200);

            await().atMost(20, SECONDS).until(() -> incoming.held() == 0);
            assertThat(post(rig, "identity", new byte[30_000]).status()).isEqualTo(200);
        }
    }

    @Test
    void bodiesCountAsWhatTheyInflateTo() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG, new IncomingBytes(50_000))) {
            assertThat(post(rig, "gzip", InflationTest.gzip(new byte[60_000])).status())
                    .isEqualTo(503);
            assertThat(post(rig, "gzip", InflationTest.gzip(new byte[40_000])).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aClientThatLeavesItsBodyUnfinishedHoldsNothing() throws IOException {
        IncomingBytes incoming = new IncomingBytes(50_000);
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG, incoming)) {
            RawConnection leaves = new RawConnection(rig.port());
            leaves.send("POST /echo HTTP/1.1\nHost: a\nContent-Length: 40000\n\n" + "x".repeat(30_000));
            await().atMost(20, SECONDS).until(() -> incoming.held() == 30_000);

            leaves.close();

            await().atMost(20, SECONDS).until(() -> incoming.held() == 0);
        }
    }

    @Test
    void aBodyThatDripsIsCut() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.with(LONG, SHORT, LONG, LONG, 10));
                RawConnection connection = new RawConnection(rig.port())) {
            connection.send("POST /echo HTTP/1.1\nHost: a\nContent-Length: 1000\n\nx");

            assertThat(connection.response().status()).isEqualTo(400);
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void aClientThatLeavesFiresTheCancellation() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG)) {
            RawConnection connection = new RawConnection(rig.port());
            connection.send("GET /hold HTTP/1.1\nHost: a\n\n");
            await().atMost(20, SECONDS).until(() -> rig.held.size() == 1);
            CancelSource cancellation = rig.held.get(0).cancellation();
            assertThat(cancellation.isCancelled()).isFalse();

            connection.close();

            await().atMost(20, SECONDS).until(cancellation::isCancelled);
        }
    }

    @Test
    void aClientThatGetsItsAnswerFiresNothing() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.CONFIG)) {
            RawConnection connection = new RawConnection(rig.port());
            connection.send("GET /hold HTTP/1.1\nHost: a\n\n");
            await().atMost(20, SECONDS).until(() -> rig.held.size() == 1);
            Exchange exchange = rig.held.get(0);
            rig.vertx.runOnContext(go -> exchange.respondEmpty(200));
            assertThat(connection.response().status()).isEqualTo(200);
            connection.close();

            try (RawConnection later = new RawConnection(rig.port())) {
                later.send("GET /now HTTP/1.1\nHost: a\n\n").response();
            }
            assertThat(exchange.cancellation().isCancelled()).isFalse();
        }
    }

    private static RawConnection.Response post(EdgeRig rig, String encoding, byte[] body) throws IOException {
        try (RawConnection connection = new RawConnection(rig.port())) {
            connection.send("POST /echo HTTP/1.1\nHost: a\nContent-Encoding: " + encoding + "\nContent-Length: "
                    + body.length + "\n\n");
            return connection.send(body).response();
        }
    }
}
