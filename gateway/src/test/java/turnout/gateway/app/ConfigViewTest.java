package turnout.gateway.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.gateway.config.CommandLine;
import turnout.gateway.config.TurnoutFile;

class ConfigViewTest {
    @Test
    void valuesOfBackendsAreNeverShown(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("turnout.yaml"), "backends: {remote: {token: hunter2}}");
        assertThat(ConfigView.of(new TurnoutFile(name -> null, 1).read(file, CommandLine.NONE))
                        .toString())
                .contains("remote")
                .doesNotContain("hunter2");
    }
}
