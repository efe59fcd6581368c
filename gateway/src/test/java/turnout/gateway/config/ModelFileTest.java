package turnout.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.gateway.call.CachePolicy;
import turnout.gateway.lane.BatchingConfig;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.gateway.lifecycle.ModelConfigReader.Reading;
import turnout.gateway.lifecycle.PolicyKind;
import turnout.gateway.lifecycle.VersionChoice;
import turnout.gateway.lifecycle.VersionRef;
import turnout.spi.Device;
import turnout.spi.Options;

class ModelFileTest {
    private static final Map<String, Consumer<Options>> BACKENDS = Map.of(
            "onnx",
            options -> {
                options.allowOnly(Set.of("intra-op-threads", "fast"));
                options.integer("intra-op-threads", 0, 0, 64);
            },
            "tensorflow_savedmodel",
            options -> options.allowOnly(Set.of("tags")));

    private static ModelFile reader(Map<String, ModelConfig.Section> shared) {
        return new ModelFile(name -> null, BACKENDS, shared);
    }

    private static ModelConfig read(Path directory, String yaml) {
        return reader(Map.of()).parse(ConfigFiles.write(directory.resolve("model.yaml"), yaml), "m/model.yaml");
    }

    @Test
    void anEmptyFileIsTheDefaults(@TempDir Path directory) {
        assertThat(read(directory, "# nothing\n")).isEqualTo(ModelConfig.DEFAULT);
    }

    @Test
    void theDefaultsAreTheseAndNoOthers() {
        assertThat(reader(Map.of()).read("m", Optional.empty()))
                .isEqualTo(new Reading.Good(new ModelConfig(
                        null,
                        new VersionChoice.Latest(1),
                        PolicyKind.AVAILABILITY_PRESERVING,
                        true,
                        new TreeMap<>(),
                        null,
                        Map.of(),
                        new ModelConfig.LoadSettings(
                                new BatchingConfig(
                                        32,
                                        Duration.ZERO,
                                        4096,
                                        256L << 20,
                                        List.of(),
                                        0,
                                        Duration.ZERO,
                                        BatchingConfig.Join.AUTO),
                                null,
                                64,
                                List.of(Device.CPU),
                                Duration.ofSeconds(30),
                                null,
                                ModelConfig.Warm.AUTO,
                                1,
                                256 << 20,
                                List.of(),
                                Map.of()))));
    }

    @Test
    void everyKeyReachesItsPlace(@TempDir Path directory) {
        ModelConfig config = read(directory, """
                platform: tensorflow
                versions: {specific: [1, 3]}
                policy: resource-preserving
                keep-last: false
                labels: {stable: 1, canary: 3}
                default: stable
                traffic: {1: 90, canary: 10}
                batching: {max-batch-rows: 8, max-delay: 2ms, max-queued-rows: 99, max-queued-bytes: 7KiB,
                           allowed-batch-rows: [4, 8], split-rows: 5, latency-objective: 50ms, join: always}
                instances: 3
                max-in-flight: 9
                devices: [gpu:1]
                deadline: 2s
                cache: {max-bytes: 1KiB, ttl: 1h}
                warmup: file
                warmup-iterations: 4
                max-output-bytes: 5MiB
                trust: [ReadFile]
                onnx: {intra-op-threads: 2}
                """);
        assertThat(config)
                .isEqualTo(new ModelConfig(
                        "tensorflow_savedmodel",
                        new VersionChoice.Specific(new TreeSet<>(List.of(1L, 3L))),
                        PolicyKind.RESOURCE_PRESERVING,
                        false,
                        new TreeMap<>(Map.of("stable", 1L, "canary", 3L)),
                        new VersionRef.Label("stable"),
                        Map.of(new VersionRef.Exact(1), 90, new VersionRef.Label("canary"), 10),
                        new ModelConfig.LoadSettings(
                                new BatchingConfig(
                                        8,
                                        Duration.ofMillis(2),
                                        99,
                                        7 << 10,
                                        List.of(4, 8),
                                        5,
                                        Duration.ofMillis(50),
                                        BatchingConfig.Join.ALWAYS),
                                3,
                                9,
                                List.of(new Device("gpu", 1)),
                                Duration.ofSeconds(2),
                                new CachePolicy(1024, Duration.ofHours(1)),
                                ModelConfig.Warm.FILE,
                                4,
                                5 << 20,
                                List.of("ReadFile"),
                                Map.of("onnx", new ModelConfig.Section("onnx", Map.of("intra-op-threads", 2L))))));
    }

    @Test
    void versionsMayBeAllOrTheLatestFew(@TempDir Path directory) {
        assertThat(read(directory, "versions: all").versions()).isEqualTo(new VersionChoice.All());
        assertThat(read(directory, "versions: {latest: 3}").versions()).isEqualTo(new VersionChoice.Latest(3));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            versoins: all                                   | 1 | versoins                  | unknown key; did you mean "versions"?
            versions: some                                  | 1 | versions                  | expected all, {latest: n} or {specific: [n, ...]}, got "some"
            versions: {latest: 0}                           | 1 | versions.latest           | must be at least 1, was 0
            versions: {latest: 1, specific: [1]}            | 1 | versions                  | expected all
            versions: {specific: [one]}                     | 1 | versions.specific         | expected a version number, got "one"
            platform: caffe                                 | 1 | platform                  | expected a backend's platform (onnx, tensorflow_savedmodel), got "caffe"
            policy: fast                                    | 1 | policy                    | expected one of availability-preserving, resource-preserving
            keep-last: yes                                  | 1 | keep-last                 | expected true or false, got "yes"
            labels: {stable: x}                             | 1 | labels.stable             | expected a version number, got "x"
            labels: {7: 1}                                  | 1 | labels.7                  | must not be a number
            default: nope                                   | 1 | default                   | names the label nope, which is not among labels []
            traffic: {1: 0}                                 | 1 | traffic                   | must give some version a weight above 0
            traffic: {nope: 1}                              | 1 | traffic                   | names the label nope
            traffic: {1: -1}                                | 1 | traffic.1                 | must be between 0 and 1000000, was -1
            deadline: 1s\\nbatching:\\n  max-batch-rows: 0  | 3 | batching.max-batch-rows   | must be at least 1, was 0
            batching: {max-queued-rows: 1}                  | 1 | batching.max-queued-rows  | must hold one batch
            batching: {join: maybe}                         | 1 | batching.join             | expected one of auto, always, never
            instances: 0                                    | 1 | instances                 | must be between 1 and 1024, was 0
            instances: few                                  | 1 | instances                 | expected auto or a number of runs at a time
            devices: [tpu]                                  | 1 | devices                   | expected a device like cpu or gpu:0, got "tpu"
            devices: [cpu, gpu:0]                           | 1 | devices                   | must name exactly one device
            deadline: 0s                                    | 1 | deadline                  | must be above 0
            cache: {max-bytes: 0}                           | 1 | cache.max-bytes           | must be at least 1, was 0
            cache: {ttl: 0s}                                | 1 | cache.ttl                 | must be above 0
            cache: {ttll: 1s}                               | 1 | cache.ttll                | unknown key; did you mean "cache.ttl"?
            warmup: files                                   | 1 | warmup                    | expected one of auto, synthetic, file, off, got "files"
            max-output-bytes: 0                             | 1 | max-output-bytes          | must be at least 1
            max-in-flight: 0                                | 1 | max-in-flight             | must be between 1 and 1000000, was 0
            trust: ReadFile                                 | 1 | trust                     | expected a list, got "ReadFile"
            onnx: {intra-op-threads: 99}                    | 1 | onnx.intra-op-threads     | must be between 0 and 64, was 99
            onnx: {threads: 1}                              | 1 | onnx.threads              | unknown key
            onnx: 5                                         | 1 | onnx                      | expected a section, got "5"
            """)
    void whatIsWrongIsNamedWithFileLineAndKey(
            String yaml, int line, String key, String problem, @TempDir Path directory) {
        assertThatThrownBy(() -> read(directory, yaml.replace("\\n", "\n") + "\n"))
                .isInstanceOfSatisfying(ConfigException.class, e -> {
                    assertThat(e.line()).isEqualTo(line);
                    assertThat(e.key()).isEqualTo(key);
                })
                .hasMessageStartingWith("m/model.yaml:" + line + ": ")
                .hasMessageContaining(problem);
    }

    @Test
    void aWrongFileIsAnAnswerAndNotAnException(@TempDir Path directory) {
        Path file = ConfigFiles.write(directory.resolve("model.yaml"), "[1");
        assertThat(reader(Map.of()).read("m", Optional.of(file))).isInstanceOf(Reading.Bad.class);
    }

    @Test
    void aModelsOwnOptionsGoBeforeThoseOfAllModels(@TempDir Path directory) {
        ModelFile reader =
                reader(Map.of("onnx", new ModelConfig.Section("onnx", Map.of("intra-op-threads", 1L, "fast", true))));
        Path file = ConfigFiles.write(directory.resolve("model.yaml"), "onnx: {intra-op-threads: 5}\n");
        assertThat(reader.read("m", Optional.of(file))).isInstanceOfSatisfying(Reading.Good.class, good -> assertThat(
                        good.config().load().sections().values())
                .containsExactly(new ModelConfig.Section("onnx", Map.of("intra-op-threads", 5L, "fast", true))));
    }
}
