package turnout.gateway.config.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.gateway.config.ConfigException;
import turnout.gateway.lane.BatchingConfig;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.gateway.lifecycle.VersionChoice;

class TextFilesTest {
    @TempDir
    Path directory = Path.of("");

    private Path file(String text) {
        try {
            return Files.writeString(directory.resolve("file.txt"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void modelsAreReadWithAllThatIsSaidOfThem() {
        assertThat(ModelList.read(file("""
                        # What we serve.
                        model_config_list: {
                          config {
                            name: 'a'
                            base_path: "/srv/a"
                            model_platform: "tensorflow"
                            model_version_policy { specific { versions: [1, 3] } }
                            version_labels { key: 'stable' value: 1 }
                            version_labels { key: 'canary' value: 3 }
                          }
                          config: <
                            name: "b", base_path: "file:///srv/b"; model_type: TENSORFLOW
                            model_version_policy { all {} }
                          >
                          config { name: "c" base_path: "/srv/c" model_platform: "onnx"
                                   model_version_policy { latest { num_versions: 2 } } }
                          config { name: "d" base_path: "/srv/d" model_platform: "tensorflow" logging_config {} }
                        }
                        """)))
                .containsExactly(
                        new ServedModel(
                                "a",
                                Path.of("/srv/a"),
                                "tensorflow",
                                new VersionChoice.Specific(new TreeSet<>(List.of(1L, 3L))),
                                Map.of("stable", 1L, "canary", 3L)),
                        new ServedModel("b", Path.of("/srv/b"), "tensorflow", new VersionChoice.All(), Map.of()),
                        new ServedModel("c", Path.of("/srv/c"), "onnx", new VersionChoice.Latest(2), Map.of()),
                        new ServedModel("d", Path.of("/srv/d"), "tensorflow", null, Map.of()));
    }

    @Test
    void aListMayBeEmpty() {
        assertThat(ModelList.read(file("model_config_list {}"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                                                    | : names no models, expected model_config_list {...}
            hello                                                 | :1:6: Expected "{".
            model_config_list {\\n config {\\n  nam: 'x' } }       | :3:3: nam: unknown field; did you mean "name"?
            model_config_list {\\n config {\\n  colour: 'x' } }    | :3:3: colour: unknown field; known here: name, base_path
            model_config_list {\\n config {\\n  name: 5            | :3:9: name: Expected string.
            model_config_list { config { name: 'a' name: 'b' } }  | :1:44: name: Non-repeated field
            model_config_list { config { model_type: FOO } }      | :1:42: model_type: Enum type
            model_config_list { config { name: 'a } }             | :1:36: name: String missing ending quote.
            model_config_list { config { version_labels { key: 'a' value: x } } } | :1:63: value: Couldn't parse integer
            model_config_list {\\n config {                        | :2:10: config: Expected "}".
            model_config_list { config { model_version_policy { latest {} all {} } } } | is specified along with field
            \\ncustom_model_config { type_url: "x" }               | :2:1: custom_model_config: is not supported, expected model_config_list
            model_config_list {\\n config { base_path: "/a" } }    | :2:2: config: Illegal to list a model without a name in config list
            model_config_list { config { name: "a" base_path: "models/a" model_platform: "tensorflow" } } | :1:21: config: Expected model a to have an absolute path or URI; got base_path()=models/a
            model_config_list { config { name: "a" base_path: "/a" } } | :1:21: config: Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is a
            model_config_list { config { name: "a" base_path: "/a" model_platform: "tensorflow" }\\n config { name: "a" base_path: "/b" model_platform: "tensorflow" } } | :2:2: config: Illegal to list model a multiple times in config list
            model_config_list { config { name: "a" base_path: "/a" model_platform: "tensorflow" logging_config { sampling_config { sampling_rate: 1 } } } } | :1:21: config: Model a sets logging_config, but requests are not logged here: remove it
            model_config_list { config { name: "a" base_path: "/a" model_platform: "tensorflow" version_labels { key: "1" value: 1 } } } | :1:21: config: Model a has the version label "1" for version 1: a label must not be a number
            """)
    void whatIsWrongInAListIsNamedWithFileLineColumnAndField(String text, String problem) {
        Path file = file(text.replace("\\n", "\n"));
        assertThatThrownBy(() -> ModelList.read(file))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(problem);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path file = directory.resolve("none");
        assertThatThrownBy(() -> ModelList.read(file)).hasMessage(file + ": no such file");
    }

    @Test
    void batchingIsReadWithAllThatIsSaidOfIt() {
        BatchingFile batching = BatchingFile.read(file("""
                max_batch_size { value: 64 }
                batch_timeout_micros { value: 2500 }
                max_enqueued_batches { value: 3 }
                num_batch_threads { value: 5 }
                thread_pool_name { value: 'pool' }
                allowed_batch_sizes: 8
                allowed_batch_sizes: 64
                """));
        assertThat(batching)
                .isEqualTo(new BatchingFile(
                        new BatchingConfig(
                                64,
                                Duration.ofNanos(2_500_000),
                                192,
                                BatchingConfig.DEFAULT_QUEUED_BYTES,
                                List.of(8, 64),
                                0,
                                Duration.ZERO,
                                BatchingConfig.Join.AUTO),
                        OptionalInt.of(5)));
    }

    @Test
    void anEmptyFileMeansTensorFlowServingsDefaults() {
        BatchingFile defaults = new BatchingFile(
                new BatchingConfig(
                        1000,
                        Duration.ZERO,
                        10_000,
                        BatchingConfig.DEFAULT_QUEUED_BYTES,
                        List.of(),
                        0,
                        Duration.ZERO,
                        BatchingConfig.Join.AUTO),
                OptionalInt.empty());
        assertThat(BatchingFile.read(file(""))).isEqualTo(defaults);
        assertThat(BatchingFile.absent()).isEqualTo(defaults);
        assertThat(BatchingFile.read(file("max_enqueued_batches { value: 0 }"))
                        .batching()
                        .maxQueuedRows())
                .isEqualTo(1000);
    }

    @Test
    void largeRequestsAreSplitIntoRunsOfTheirOwnSize() {
        BatchingConfig batching = BatchingFile.read(file("""
                        max_batch_size { value: 100 } enable_large_batch_splitting { value: true }
                        max_execution_batch_size { value: 25 } allowed_batch_sizes: [5, 25]
                        """)).batching();
        assertThat(batching.splitRows()).isEqualTo(25);
        assertThat(batching.maxBatchRows()).isEqualTo(25);
        assertThat(batching.maxQueuedRows()).isEqualTo(1000);
        assertThat(batching.allowedBatchRows()).containsExactly(5, 25);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            max_batch_size { value: 0 }               | :1:1: max_batch_size: must be between 1 and 1048576, was 0
            max_batch_size: 5                         | :1:17: max_batch_size: Expected "{".
            num_batch_threads { value: 0 }            | :1:1: num_batch_threads: must be between 1 and 1024, was 0
            batch_timeout_micros { value: -1 }        | :1:1: batch_timeout_micros: must be between 0
            max_batch_size { value: 8 }\\nallowed_batch_sizes: 4 | :2:1: allowed_batch_sizes: Last entry in allowed_batch_sizes must match max_batch_size; last entry was 4; expected 8
            allowed_batch_sizes: [8, 4]               | :1:1: allowed_batch_sizes: allowed_batch_sizes entries must be in increasing order and above 0, were [8, 4]
            pad_variable_length_inputs: true          | :1:1: pad_variable_length_inputs: is not supported
            max_batch_size { value: 8 } max_execution_batch_size { value: 9 } | max_execution_batch_size: must not exceed max_batch_size (8), was 9
            """)
    void whatIsWrongWithBatchingIsNamed(String text, String problem) {
        Path file = file(text.replace("\\n", "\n"));
        assertThatThrownBy(() -> BatchingFile.read(file))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(problem);
    }

    @Test
    void figuresAreShownWhereTheFileSays() {
        assertThat(MonitoringFile.path(file("prometheus_config { enable: true, path: \"/my/metrics\" }")))
                .hasValue("/my/metrics");
        assertThat(MonitoringFile.path(file("prometheus_config: { enable: true }")))
                .hasValue("/monitoring/prometheus/metrics");
        assertThat(MonitoringFile.path(file("prometheus_config { path: '/x' }")))
                .isEmpty();
        assertThat(MonitoringFile.path(file(""))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"metrics", "/v1/metrics", "/v2", "/", "/a?b"})
    void figuresAreNotShownWhereModelsAnswer(String path) {
        Path file = file("prometheus_config {\n enable: true\n path: '" + path + "' }");
        assertThatThrownBy(() -> MonitoringFile.path(file))
                .hasMessageStartingWith(file + ":3:2: path: expected a path like")
                .hasMessageEndingWith("got \"" + path + "\"");
    }

    @Test
    @Timeout(30)
    void aLineWithoutEndIsRefusedAtOnce() {
        Path file = file("a".repeat(200_000));
        assertThatThrownBy(() -> ModelList.read(file))
                .isInstanceOf(ConfigException.class)
                .hasMessage(file + ":1:200001: Expected \"{\".");
    }
}
