package turnout.backend.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Int64Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.backend.remote.RemoteConfig.HostPort;
import turnout.protocol.tfserving.ModelSpec;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.ModelVersion;

class RemoteConfigParserTest {
    private static final ModelVersion LOCAL = new ModelVersion("local", 3);

    @Test
    void allKeysAreRead() {
        RemoteConfig config =
                RemoteConfigParser.parse("endpoints: [serving.example:8500, '[::1]:8501']\nmodel: far\nversion: 7\n");
        assertThat(config.endpoints())
                .containsExactly(new HostPort("serving.example", 8500), new HostPort("::1", 8501));
        assertThat(config.spec(LOCAL))
                .isEqualTo(ModelSpec.newBuilder()
                        .setName("far")
                        .setVersion(Int64Value.of(7))
                        .build());
    }

    @Test
    void theModelDefaultsToTheLocalNameAndTheVersionToTheLatest() {
        assertThat(RemoteConfigParser.parse("endpoints: ['a:1']").spec(LOCAL))
                .isEqualTo(ModelSpec.newBuilder().setName("local").build());
    }

    @Test
    void aLabelStandsInForAVersion() {
        assertThat(RemoteConfigParser.parse("endpoints: ['a:1']\nlabel: stable").spec(LOCAL))
                .isEqualTo(ModelSpec.newBuilder()
                        .setName("local")
                        .setVersionLabel("stable")
                        .build());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "endpoints: ['a:1']~modle: x      | line 2: unknown key \"modle\"; known here: endpoints, label, model, version",
                "model: x                         | endpoints is missing",
                "endpoints: []                    | line 1: endpoints: expected a list of host:port",
                "endpoints: a:1                   | line 1: endpoints: expected a list of host:port",
                "endpoints:~- a:1~- a:1           | line 3: endpoints: one is there twice",
                "endpoints: [a]                   | line 1: endpoints: expected host:port",
                "endpoints: ['a:0']               | line 1: endpoints: expected host:port",
                "endpoints: ['a:65536']           | line 1: endpoints: expected host:port",
                "endpoints: ['http://a:1']        | line 1: endpoints: expected host:port",
                "endpoints: ['a:1']~version: -1   | line 2: version: expected a whole number",
                "endpoints: ['a:1']~version: new  | line 2: version: expected a whole number",
                "endpoints: ['a:1']~version: 1~label: x | version and label exclude each other",
                "endpoints: ['a:1']~model:        | line 2: model: expected a name",
                "endpoints: ['a:1']~model: x~model: y | line 3: model is there twice",
                "- a                              | line 1: expected keys with values",
                "''                               | the file is empty",
                "endpoints: ['a:1'                | not YAML",
            })
    void whatIsWrongIsNamedWithItsLine(String text, String message) {
        assertThatThrownBy(() -> RemoteConfigParser.parse(text.replace('~', '\n')))
                .isInstanceOfSatisfying(
                        InferenceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_FAILED))
                .hasMessageContaining(message);
    }

    @Test
    void anEmptyFileIsRefused() {
        assertThatThrownBy(() -> RemoteConfigParser.parse("# nothing\n")).hasMessageContaining("expected");
    }
}
