package turnout.gateway.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import turnout.gateway.config.CommandLine;
import turnout.gateway.config.ConfigException;
import turnout.gateway.config.TurnoutConfig;
import turnout.gateway.config.TurnoutFile;

class InspectionTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path home = Path.of("");

    @BeforeEach
    void make(@TempDir Path directory) throws IOException {
        home = directory;
        Files.createDirectory(home.resolve("models"));
        Files.createDirectory(home.resolve("plugins"));
    }

    private TurnoutConfig config(String more) throws IOException {
        String yaml = "listen: [\"127.0.0.1:0\"]\nadmin: off\nmodels: models\nplugins: plugins\n" + more;
        Path file = Files.writeString(home.resolve("turnout.yaml"), yaml);
        return new TurnoutFile(name -> null, 1).read(file, CommandLine.NONE);
    }

    private int check(TurnoutConfig config) {
        return new Inspection(
                        new PrintStream(new ByteArrayOutputStream(), true, UTF_8), new PrintStream(err, true, UTF_8))
                .check(config);
    }

    @Test
    void aSectionForABackendThatDoesNotExistIsFound() throws IOException {
        assertThat(check(config("backends: {onx: {}}\n"))).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .startsWith("turnout: " + home.resolve("turnout.yaml") + ":5: backends.onx: no such backend");
    }

    @Test
    void aSectionForABackendThatDoesNotExistStopsTheStart() throws IOException {
        TurnoutConfig config = config("backends: {onx: {}}\n");
        assertThatThrownBy(() -> TurnoutServer.start(config, "test"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(":5: backends.onx: no such backend");
    }

    @Test
    void aPluginThatIsNotUsedIsAWarning() throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(home.resolve("plugins/hollow.jar")))) {
            jar.putNextEntry(new ZipEntry("nothing"));
        }
        assertThat(check(config(""))).isZero();
        assertThat(err.toString(UTF_8)).contains("turnout: warning: plugin hollow: not used: it provides no backend");
    }
}
