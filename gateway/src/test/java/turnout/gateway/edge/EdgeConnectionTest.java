package turnout.gateway.edge;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import turnout.testkit.FakeTicker;

/** What becomes of connections whose clients say nothing, too little or too slowly, or do not read; and how many there may be. */
class EdgeConnectionTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final String PREFACE = "PRI * HTTP/2.0\n\nSM\n\n";

    @Test
    void aHeadThatDripsIsCut() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.with(SHORT, LONG, LONG, LONG, 10));
                RawConnection connection = new RawConnection(rig.port())) {
            connection.send("POST /echo HTTP/1.1\nHost: a\nX-A: ");

            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void aConnectionThatSaysNothingIsCut() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.with(SHORT, LONG, LONG, LONG, 10));
                RawConnection connection = new RawConnection(rig.port())) {
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void anAnswerMayTakeLongerThanAHead() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.with(SHORT, LONG, LONG, LONG, 10));
                RawConnection connection = new RawConnection(rig.port());
                RawConnection silent = new RawConnection(rig.port())) {
            connection.send("GET /hold HTTP/1.1\nHost: a\n\n");
            assertThat(silent.isClosed()).isTrue();
            await().atMost(20, SECONDS).until(() -> rig.held.size() == 1);
            rig.vertx.runOnContext(go -> rig.held.get(0).respondEmpty(204));

            assertThat(connection.response().status()).isEqualTo(204);
        }
    }

    @Test
    void aConnectionThatIsIdleIsClosedAndOneThatWaitsForItsAnswerIsNot() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.with(LONG, LONG, LONG, SHORT, 10));
                RawConnection waits = new RawConnection(rig.port());
                RawConnection idle = new RawConnection(rig.port())) {
            waits.send("GET /hold HTTP/1.1\nHost: a\n\n");
            await().atMost(20, SECONDS).until(() -> rig.held.size() == 1);
            assertThat(idle.send("GET /now HTTP/1.1\nHost: a\n\n").response().status())
                    .isEqualTo(200);

            assertThat(idle.isClosed()).isTrue();
            rig.vertx.runOnContext(go -> rig.held.get(0).respondEmpty(204));
            assertThat(waits.response().status()).isEqualTo(204);
        }
    }

    @Test
    void moreConnectionsThanTheCapAreClosedUntilOneLeaves() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.with(LONG, LONG, LONG, LONG, 2))) {
            RawConnection one = new RawConnection(rig.port());
            RawConnection two = new RawConnection(rig.port());
            assertThat(one.send("GET /now HTTP/1.1\nHost: a\n\n").response().status())
                    .isEqualTo(200);
            assertThat(two.send("GET /now HTTP/1.1\nHost: a\n\n").response().status())
                    .isEqualTo(200);
            try (RawConnection three = new RawConnection(rig.port())) {
                assertThat(three.send("GET /now HTTP/1.1\nHost: a\n\n").isClosed())
                        .isTrue();
            }

            one.close();

            await().atMost(20, SECONDS).ignoreExceptions().until(() -> {
                try (RawConnection next = new RawConnection(rig.port())) {
                    return next.send("GET /now HTTP/1.1\nHost: a\n\n")
                                    .response()
                                    .status()
                            == 200;
                }
            });
            two.close();
        }
    }

    @Test
    void aClientThatDoesNotReadItsAnswerIsCut() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.with(LONG, LONG, SHORT, LONG, 1))) {
            RawConnection deaf = new RawConnection(rig.port());
            deaf.send("GET /large HTTP/1.1\nHost: a\n\n");

            // Its place is free again although it is still there.
            await().atMost(20, SECONDS).ignoreExceptions().until(() -> {
                try (RawConnection next = new RawConnection(rig.port())) {
                    return next.send("GET /now HTTP/1.1\nHost: a\n\n")
                                    .response()
                                    .status()
                            == 200;
                }
            });
            deaf.close();
        }
    }

    @Test
    void singleBytesDoNotPutOffTheEndOfAHead() throws IOException {
        FakeTicker ticker = new FakeTicker();
        try (EdgeRig rig = rig(EdgeRig.with(SHORT, LONG, LONG, LONG, 10), ticker);
                RawConnection connection = new RawConnection(rig.port())) {
            connection.send("GET /now HTTP/1.1\nX-A: ");
            await().atMost(20, SECONDS).until(() -> rig.server().connections() == 1);
            for (int i = 0; i < 3; i++) {
                connection.send("b");
                ticker.advance(Duration.ofMillis(20));
            }

            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void aLaterHeadHasTheSameDeadlineAsTheFirst() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.with(SHORT, LONG, LONG, LONG, 10));
                RawConnection connection = new RawConnection(rig.port())) {
            assertThat(connection
                            .send("GET /now HTTP/1.1\nHost: a\n\n")
                            .response()
                            .status())
                    .isEqualTo(200);

            assertThat(connection.send("GET /no").isClosed()).isTrue();
        }
    }

    @Test
    void aHeadThatBeganBehindThePreviousRequestHasItsDeadlineFromTheAnswer() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.with(SHORT, LONG, LONG, LONG, 10));
                RawConnection connection = new RawConnection(rig.port())) {
            connection.send("GET /now HTTP/1.1\nHost: a\n\nGET /no");

            assertThat(connection.response().status()).isEqualTo(200);
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void anIdleConnectionMayWaitLongerThanAHead() throws IOException {
        FakeTicker ticker = new FakeTicker();
        try (EdgeRig rig = rig(EdgeRig.with(SHORT, LONG, LONG, LONG, 10), ticker);
                RawConnection idle = new RawConnection(rig.port());
                RawConnection silent = new RawConnection(rig.port())) {
            idle.send("GET /now HTTP/1.1\nHost: a\n\n").response();
            await().atMost(20, SECONDS).until(() -> rig.server().connections() == 2);
            ticker.advance(Duration.ofSeconds(1));
            assertThat(silent.isClosed()).isTrue();

            assertThat(idle.send("GET /now HTTP/1.1\nHost: a\n\n").response().status())
                    .isEqualTo(200);
        }
    }

    @Test
    void anHttp2PrefaceWithoutSettingsIsCut() throws IOException {
        for (String beginning : new String[] {"PRI * HT", PREFACE}) {
            try (EdgeRig rig = new EdgeRig(EdgeRig.with(SHORT, LONG, LONG, LONG, 10));
                    RawConnection connection = new RawConnection(rig.port())) {
                connection.send(beginning);

                await().atMost(20, SECONDS).until(() -> rig.server().connections() == 0);
            }
        }
    }

    @Test
    void anHttp2ConnectionWithoutRequestsIsIdle() throws IOException {
        FakeTicker ticker = new FakeTicker();
        try (EdgeRig rig = rig(EdgeRig.with(SHORT, LONG, LONG, LONG, 10), ticker);
                RawConnection connection = new RawConnection(rig.port());
                RawConnection silent = new RawConnection(rig.port())) {
            connection.send(PREFACE).send(HexFormat.of().parseHex("000000040000000000"));
            connection.awaitBytes("000000040100000000");
            await().atMost(20, SECONDS).until(() -> rig.server().connections() == 2);
            ticker.advance(Duration.ofSeconds(1));
            assertThat(silent.isClosed()).isTrue();
            connection.send(HexFormat.of().parseHex("0000080600000000000000000000000000"));
            connection.awaitBytes("000008060100000000");

            ticker.advance(LONG);

            await().atMost(20, SECONDS).until(() -> rig.server().connections() == 0);
        }
    }

    @Test
    void connectionsCountFromTheirAcceptOn() throws IOException {
        try (EdgeRig rig = new EdgeRig(EdgeRig.with(LONG, LONG, LONG, LONG, 2))) {
            RawConnection one = new RawConnection(rig.port());
            RawConnection two = new RawConnection(rig.port());
            await().atMost(20, SECONDS).until(() -> rig.server().connections() == 2);
            try (RawConnection three = new RawConnection(rig.port())) {
                assertThat(three.isClosed()).isTrue();
            }
            assertThat(rig.server().refusedConnections()).isEqualTo(1);

            one.close();
            two.close();

            await().atMost(20, SECONDS).until(() -> rig.server().connections() == 0);
        }
    }

    @Test
    void aClientThatReadsSlowlyGetsItsWholeAnswer() throws IOException {
        FakeTicker ticker = new FakeTicker();
        try (EdgeRig rig = rig(EdgeRig.with(LONG, LONG, SHORT, LONG, 1), ticker);
                RawConnection slow = new RawConnection(rig.port())) {
            slow.send("GET /large HTTP/1.1\nHost: a\n\n");
            int read = 0;
            // Each piece is more than the kernel holds back, so that the server has written on.
            for (int i = 0; i < 4; i++) {
                read += slow.skip(16 << 20);
                ticker.advance(Duration.ofMillis(40));
            }

            assertThat(read).isEqualTo(64 << 20);
            assertThat(rig.server().connections()).isEqualTo(1);
        }
    }

    private static EdgeRig rig(EdgeConfig config, FakeTicker ticker) {
        return new EdgeRig(config, new IncomingBytes(config.incomingBytes()), ticker);
    }
}
