package turnout.gateway.edge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Heads that proxies and servers read differently are refused, and the connection with them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EdgeHeadTest {
    private EdgeRig rig;

    @BeforeAll
    void listen() {
        rig = new EdgeRig(EdgeRig.CONFIG);
    }

    @AfterAll
    void close() {
        rig.close();
    }

    static Stream<Arguments> heads() {
        return Stream.of(
                Arguments.of("no Host", 400, "GET /now HTTP/1.1\n\n"),
                Arguments.of("two Hosts", 400, "GET /now HTTP/1.1\nHost: a\nHost: a\n\n"),
                Arguments.of("a Host with user", 400, "GET /now HTTP/1.1\nHost: x@y\n\n"),
                Arguments.of("an empty Host", 400, "GET /now HTTP/1.1\nHost: \n\n"),
                Arguments.of("101 headers", 431, "GET /now HTTP/1.1\nHost: a\n" + "X-A: b\n".repeat(100) + "\n"),
                Arguments.of(
                        "headers of 20 KB", 431, "GET /now HTTP/1.1\nHost: a\nX-A: " + "b".repeat(20_000) + "\n\n"),
                Arguments.of("a line of 9 KB", 414, "GET /" + "b".repeat(9_000) + " HTTP/1.1\nHost: a\n\n"),
                Arguments.of(
                        "length and chunks",
                        400,
                        "POST /echo HTTP/1.1\nHost: a\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n"),
                Arguments.of(
                        "two lengths", 400, "POST /echo HTTP/1.1\nHost: a\nContent-Length: 5\nContent-Length: 6\n\n"),
                Arguments.of("a blank before the colon", 400, "GET /now HTTP/1.1\nHost: a\nX-A : b\n\n"),
                Arguments.of("a folded header", 400, "GET /now HTTP/1.1\nHost: a\nX-A: b\n c\n\n"),
                Arguments.of("a header folded by a tab", 400, "GET /now HTTP/1.1\nHost: a\nX-A: b\n\tX-B: c\n\n"),
                Arguments.of("a fold after the request line", 400, "GET /now HTTP/1.1\n Host: a\n\n"),
                Arguments.of(
                        "a folded header before a body",
                        400,
                        "POST /echo HTTP/1.1\nHost: a\nContent-Length: 1\n 0\n\nabcdefghij"),
                Arguments.of("an unknown coding", 400, "POST /echo HTTP/1.1\nHost: a\nTransfer-Encoding: xchunked\n\n"),
                Arguments.of("an unknown method", 501, "BREW /now HTTP/1.1\nHost: a\n\n"),
                Arguments.of("a method in lower case", 501, "get /now HTTP/1.1\nHost: a\n\n"),
                Arguments.of("another authority", 400, "GET http://b/now HTTP/1.1\nHost: a\n\n"),
                Arguments.of("nobody's path", 404, "GET /nobodys HTTP/1.1\nHost: a\n\n"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("heads")
    void isRefused(String name, int status, String head) throws IOException {
        try (RawConnection connection = new RawConnection(rig.port())) {
            RawConnection.Response response = connection.send(head).response();

            assertThat(response.status()).as(name).isEqualTo(status);
            if (status != 404) {
                assertThat(connection.isClosed()).isTrue();
            }
        }
    }

    @Test
    void aFoldIsSeenWhereverTheBytesAreCut() throws IOException {
        String head = "GET /now HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n";
        for (int cut = 1; cut < head.length(); cut++) {
            try (RawConnection connection = new RawConnection(rig.port())) {
                connection.send(head.substring(0, cut).getBytes(ISO_8859_1));
                RawConnection.Response response = connection
                        .send(head.substring(cut).getBytes(ISO_8859_1))
                        .response();
                assertThat(response.status()).as("cut at %d", cut).isEqualTo(400);
                assertThat(response.body()).contains("\"error\"");
            }
        }
    }

    @Test
    void aFoldIsSeenInALaterRequestOfTheConnection() throws IOException {
        try (RawConnection connection = new RawConnection(rig.port())) {
            connection.send("POST /echo HTTP/1.1\nHost: a\nContent-Length: 5\n\na\n b"
                    + "POST /echo HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n5\na\n b\n0\n\n"
                    + "GET /now HTTP/1.1\nHost: a\nX-A: b\n c\n\n");
            // Bodies may contain what would be a fold.
            assertThat(connection.response().body()).isEqualTo("a\r\n b");
            assertThat(connection.response().status()).isEqualTo(200);
            assertThat(connection.response().status()).isEqualTo(400);
        }
    }

    @Test
    void theSameAuthorityInTargetAndHostIsFine() throws IOException {
        try (RawConnection connection = new RawConnection(rig.port())) {
            assertThat(connection
                            .send("GET http://a:1/now HTTP/1.1\nHost: A:1\n\n")
                            .response()
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aRequestWithoutBodyThatIsAnsweredAtOnceKeepsItsConnection() throws IOException {
        try (RawConnection connection = new RawConnection(rig.port())) {
            for (int i = 0; i < 3; i++) {
                RawConnection.Response response =
                        connection.send("GET /now HTTP/1.1\nHost: a\n\n").response();
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.head()).doesNotContain("connection: close");
            }
        }
    }

    @Test
    void oldClientsNeedNoHost() throws IOException {
        try (RawConnection connection = new RawConnection(rig.port())) {
            assertThat(connection.send("GET /now HTTP/1.0\n\n").response().status())
                    .isEqualTo(200);
        }
    }

    @Test
    void answersTellTheRequestsId() throws IOException {
        try (RawConnection connection = new RawConnection(rig.port())) {
            assertThat(connection
                            .send("GET /now HTTP/1.1\nHost: a\nx-turnout-request-id: my-own\n\n")
                            .response()
                            .head())
                    .contains("x-turnout-request-id: my-own");
        }
    }

    @Test
    void aRequestWithoutAnIdGetsOneOf128Bits() throws IOException {
        try (RawConnection connection = new RawConnection(rig.port())) {
            String first =
                    connection.send("GET /now HTTP/1.1\nHost: a\n\n").response().head();
            String second =
                    connection.send("GET /now HTTP/1.1\nHost: a\n\n").response().head();

            assertThat(first).containsPattern("x-turnout-request-id: [0-9a-f]{32}\r");
            assertThat(second)
                    .containsPattern("x-turnout-request-id: [0-9a-f]{32}\r")
                    .isNotEqualTo(first);
        }
    }
}
