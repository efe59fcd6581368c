package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** Documents keep their word: their commands, typed while the sample models are served, print what stands below them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReadmeIT {
    private static final String GRPCURL = "grpcurl";
    private static final List<String> DOCUMENTS = List.of("README.md", "docs/tensorflow-serving.md");

    private final Served server = Served.start();
    private final List<Promise> promises = new ArrayList<>();

    ReadmeIT() throws IOException {
        for (String document : DOCUMENTS) {
            Transcript.in(Files.readAllLines(Checkout.root().resolve(document)))
                    .forEach(transcript -> promises.add(new Promise(document, transcript)));
        }
    }

    private record Promise(String document, Transcript transcript) {
        boolean isGrpc() {
            return transcript.command().startsWith(GRPCURL);
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void everyDocumentHasCommands() {
        assertThat(promises).extracting(Promise::document).containsAll(DOCUMENTS);
        assertThat(promises).anyMatch(Promise::isGrpc);
    }

    @TestFactory
    Stream<DynamicTest> commands() {
        return promises.stream().filter(promise -> !promise.isGrpc()).map(this::typed);
    }

    /** In the profile {@code grpcurl}: needs that tool on the path. */
    @Tag(GRPCURL)
    @TestFactory
    Stream<DynamicTest> grpcCommands() {
        return promises.stream().filter(Promise::isGrpc).map(this::typed);
    }

    private DynamicTest typed(Promise promise) {
        Transcript transcript = promise.transcript();
        String place = promise.document() + " line " + transcript.line();
        return dynamicTest(place + ": " + transcript.command(), () -> {
            String command = transcript
                    .command()
                    .replace("127.0.0.1:8500", "127.0.0.1:" + server.port())
                    .replace("127.0.0.1:8502", "127.0.0.1:" + server.adminPort());
            Shell.Result result = Shell.run(Checkout.root(), Map.of(), List.of("bash", "-c", command));
            assertThat(transcript.isExpected(result.out()))
                    .as("%s: %s%n--- expected%n%s--- now%n%s", place, command, transcript.expected(), result)
                    .isTrue();
        });
    }
}
