package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** README.md keeps its word: its commands, typed while the sample models are served, print what stands below them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReadmeIT {
    private static final String GRPCURL = "grpcurl";

    private final Served server = Served.start();
    private final List<Transcript> transcripts;

    ReadmeIT() throws IOException {
        this.transcripts = Transcript.in(Files.readAllLines(Checkout.root().resolve("README.md")));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void readmeHasCommandsOfBothKinds() {
        assertThat(transcripts).anyMatch(ReadmeIT::isGrpc).anyMatch(transcript -> !isGrpc(transcript));
    }

    @TestFactory
    Stream<DynamicTest> commands() {
        return transcripts.stream().filter(transcript -> !isGrpc(transcript)).map(this::typed);
    }

    /** In the profile {@code grpcurl}: needs that tool on the path. */
    @Tag(GRPCURL)
    @TestFactory
    Stream<DynamicTest> grpcCommands() {
        return transcripts.stream().filter(ReadmeIT::isGrpc).map(this::typed);
    }

    private DynamicTest typed(Transcript transcript) {
        return dynamicTest("line " + transcript.line() + ": " + transcript.command(), () -> {
            String command = transcript
                    .command()
                    .replace("127.0.0.1:8500", "127.0.0.1:" + server.port())
                    .replace("127.0.0.1:8502", "127.0.0.1:" + server.adminPort());
            Shell.Result result = Shell.run(Checkout.root(), Map.of(), List.of("bash", "-c", command));
            assertThat(transcript.isExpected(result.out()))
                    .as(
                            "README.md line %d: %s%n--- README%n%s--- now%n%s",
                            transcript.line(), command, transcript.expected(), result)
                    .isTrue();
        });
    }

    private static boolean isGrpc(Transcript transcript) {
        return transcript.command().startsWith(GRPCURL);
    }
}
