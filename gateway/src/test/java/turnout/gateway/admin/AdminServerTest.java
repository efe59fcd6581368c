package turnout.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.gateway.lifecycle.Rig;
import turnout.gateway.plugin.Plugin;
import turnout.spi.DataType;
import turnout.testkit.FakeBackend;
import turnout.testkit.FakeServable;

class AdminServerTest {
    private final Vertx vertx = Vertx.vertx();
    private Optional<Rig> rig = Optional.empty();
    private int port;

    @BeforeEach
    void start(@TempDir Path root) throws IOException {
        for (String version : List.of("1", "2")) {
            Path directory = Files.createDirectories(root.resolve("m").resolve(version));
            Files.writeString(directory.resolve(FakeBackend.MARKER), "x");
        }
        Rig started =
                Rig.over(root, request -> FakeServable.identity(DataType.FP32)).start();
        rig = Optional.of(started);
        AdminServer.Facts facts = new AdminServer.Facts(
                "1.2.3",
                started.manager,
                started.traffic,
                List.of(new Plugin("p", "9", List.of(), Optional.of("it provides no backend"), List.of())),
                () -> List.of(new CacheView.Use("m", 1, 2, 3)),
                () -> Map.of("listen", List.of("127.0.0.1:1")));
        port = Rig.await(AdminServer.start(vertx, "127.0.0.1", 0, Set.of("ops.example"), facts))
                .port();
    }

    @AfterEach
    void stop() {
        rig.ifPresent(Rig::close);
        Rig.await(vertx.close());
    }

    private Reply get(String path) throws IOException {
        return ask("GET", path, "Host: localhost\r\n", "");
    }

    private Reply put(String path, String body) throws IOException {
        return ask("PUT", path, "Host: localhost:" + port + "\r\n", body);
    }

    private Reply ask(String method, String path, String headers, String body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            OutputStream out = socket.getOutputStream();
            out.write((method + " " + path + " HTTP/1.1\r\n" + headers + "Content-Length: " + bytes.length
                            + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            out.write(bytes);
            out.flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int end = answer.indexOf("\r\n\r\n");
            return new Reply(
                    Integer.parseInt(answer.substring(9, 12)), answer.substring(0, end), answer.substring(end + 4));
        }
    }

    private record Reply(int status, String head, String body) {
        JsonObject json() {
            return new JsonObject(body);
        }
    }

    @Test
    void whatIsServedIsShown() throws IOException {
        JsonObject status = get("/admin/v1/status").json();
        assertThat(status.getBoolean("ready")).isTrue();
        assertThat(status.getString("version")).isEqualTo("1.2.3");
        assertThat(status.getInteger("availableVersions")).isEqualTo(1);
        assertThat(get("/admin/v1/models")
                        .json()
                        .getJsonArray("models")
                        .getJsonObject(0)
                        .getInteger("defaultVersion"))
                .isEqualTo(2);
        JsonObject version =
                get("/admin/v1/models/m").json().getJsonArray("versions").getJsonObject(0);
        assertThat(version.getString("state")).isEqualTo("AVAILABLE");
        assertThat(version.getString("platform")).isEqualTo("fake");
        assertThat(version.getJsonObject("signatures")
                        .getJsonObject("serving_default")
                        .getJsonObject("inputs"))
                .isEqualTo(new JsonObject("{\"x\":{\"datatype\":\"FP32\",\"shape\":[-1]}}"));
        assertThat(get("/admin/v1/plugins").body()).contains("it provides no backend");
        assertThat(get("/admin/v1/config").json()).isEqualTo(new JsonObject("{\"listen\":[\"127.0.0.1:1\"]}"));
        assertThat(get("/admin/v1/cache").body()).contains("\"limitBytes\":3");
    }

    @Test
    void trafficIsSplitAndGivenBackToTheFile() throws IOException {
        Reply reply = put("/admin/v1/models/m/traffic", "{\"weights\": {\"1\": 90, \"2\": 10}}");
        assertThat(reply.status()).isEqualTo(200);
        await().until(() ->
                get("/admin/v1/models/m").json().getJsonObject("weights").size() == 2);
        assertThat(ask("DELETE", "/admin/v1/models/m/traffic", "Host: localhost\r\n", "")
                        .status())
                .isEqualTo(200);
        assertThat(get("/admin/v1/models/m").json().getJsonObject("weights")).isEmpty();
    }

    @Test
    void aLabelIsMovedFromWhereItWasExpected() throws IOException {
        String path = "/admin/v1/models/m/labels/stable";
        assertThat(put(path, "{\"version\": 2, \"expected\": null}")
                        .json()
                        .getJsonObject("labels")
                        .getInteger("stable"))
                .isEqualTo(2);
        Reply conflict = put(path, "{\"version\": 1, \"expected\": null}");
        assertThat(conflict.status()).isEqualTo(409);
        assertThat(conflict.head()).contains("application/problem+json");
        assertThat(conflict.json().getString("detail"))
                .isEqualTo("label stable points at version 2 now; it was expected to point nowhere");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            PUT    | /admin/v1/models/m/traffic         | {"weights": {"9": 1}}      | 400 | model 'm' has no version 9
            PUT    | /admin/v1/models/m/traffic         | {"weights": {"1": "much"}} | 400 | weights must be whole numbers
            PUT    | /admin/v1/models/m/traffic         | {"weights": {"1": -1}}     | 400 | must be between 0 and 1000000
            PUT    | /admin/v1/models/m/traffic         | {"weights": {}}            | 400 | weights must name 1 to 64
            PUT    | /admin/v1/models/m/traffic         | {"weights": {"1": 0}}      | 400 | some weight must be above 0
            PUT    | /admin/v1/models/m/traffic         | {"wieghts": {"1": 1}}      | 400 | expected {"weights"
            PUT    | /admin/v1/models/m/traffic         | [1]                        | 400 | expected a JSON object
            PUT    | /admin/v1/models/m/traffic         | {                          | 400 | expected a JSON object
            PUT    | /admin/v1/models/nope/traffic      | {"weights": {"1": 1}}      | 404 | there is no model 'nope'
            PUT    | /admin/v1/models/m/labels/7        | {"version": 1, "expected": null} | 400 | a label must be a word
            PUT    | /admin/v1/models/m/labels/a        | {"version": 1}             | 400 | expected {"version"
            GET    | /admin/v1/models/nope              | ''                         | 404 | there is no model 'nope'
            GET    | /admin/v1/nothing                  | ''                         | 404 | there is nothing here
            POST   | /admin/v1/models                   | ''                         | 405 | this method is not served here
            """)
    void mistakesAreAnsweredAsProblems(String method, String path, String body, int status, String detail)
            throws IOException {
        Reply reply = ask(method, path, "Host: localhost\r\n", body);
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.head()).contains("application/problem+json");
        assertThat(reply.json().getString("detail")).contains(detail);
        assertThat(reply.json().getInteger("status")).isEqualTo(status);
    }

    @Test
    void anErrorOverHttp2HasNoHeaderThatHttp2Forbids() {
        HttpClient client = vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
        HttpClientResponse answer = Rig.await(client.request(HttpMethod.GET, port, "localhost", "/admin/v1/nothing")
                .compose(request -> request.send("unread")));

        assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().names()).doesNotContain("connection", "Connection");
    }

    @Test
    void aLargeBodyIsRefused() throws IOException {
        Reply reply = put("/admin/v1/models/m/traffic", " ".repeat((64 << 10) + 1));
        assertThat(reply.status()).isEqualTo(413);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET | Host: localhost                                              | 200
            GET | Host: 127.0.0.1:1                                            | 200
            GET | Host: [::1]:8502                                             | 200
            GET | Host: OPS.example                                            | 200
            GET | Host: evil.example                                           | 421
            GET | Host: localhost.evil.example                                 | 421
            GET | Host: 127.0.0.1.evil.example                                 | 421
            GET | Host: localhost;Host: localhost                              | 400
            GET | Host: localhost;Origin: http://evil.example                  | 200
            PUT | Host: localhost;Sec-Fetch-Site: cross-site                   | 403
            PUT | Host: localhost;Sec-Fetch-Site: same-site                    | 403
            PUT | Host: localhost;Sec-Fetch-Site: same-origin                  | 200
            PUT | Host: localhost;Sec-Fetch-Site: none                         | 200
            PUT | Host: localhost;Origin: http://evil.example                  | 403
            PUT | Host: localhost;Origin: null                                 | 403
            PUT | Host: localhost:8502;Origin: http://localhost:3000           | 403
            PUT | Host: localhost:8502;Origin: http://localhost:8502           | 200
            DELETE | Host: localhost;Origin: http://evil.example               | 403
            POST   | Host: localhost;Origin: http://evil.example               | 403
            """)
    void s14_pagesOfOtherSitesCannotDriveIt(String method, String headers, int status) throws IOException {
        String path = method.equals("GET") ? "/admin/v1/status" : "/admin/v1/models/m/traffic";
        Reply reply = ask(method, path, headers.replace(";", "\r\n") + "\r\n", "{\"weights\": {\"2\": 1}}");
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.head()).doesNotContain("Access-Control");
    }
}
