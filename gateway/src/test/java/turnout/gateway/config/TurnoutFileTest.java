package turnout.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.gateway.edge.EdgeConfig;
import turnout.gateway.edge.EdgeConfig.Address;
import turnout.gateway.lifecycle.LifecycleConfig;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.spi.Device;
import turnout.spi.Options;

class TurnoutFileTest {
    private static final TurnoutFile FILE =
            new TurnoutFile(name -> Map.of("PORT", "9000", "EMPTY", "").get(name), 6);

    private static TurnoutConfig read(Path directory, String yaml) {
        return read(directory, yaml, CommandLine.NONE);
    }

    private static TurnoutConfig read(Path directory, String yaml, CommandLine commandLine) {
        return FILE.read(ConfigFiles.write(directory.resolve("turnout.yaml"), yaml), commandLine);
    }

    @Test
    void theDefaultsAreTheseAndNoOthers(@TempDir Path directory) {
        TurnoutConfig config = read(directory, "");
        EdgeConfig edge = EdgeConfig.defaults(List.of(new Address("127.0.0.1", 8500)));
        assertThat(config)
                .isEqualTo(new TurnoutConfig(
                        new EdgeConfig(
                                edge.listen(),
                                64 << 20,
                                64 << 20,
                                Runtime.getRuntime().maxMemory() / 2,
                                10_000,
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(5),
                                1024,
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(60),
                                3,
                                Optional.empty(),
                                EdgeConfig.Cors.OFF),
                        Optional.of(new Address("127.0.0.1", 8502)),
                        new ModelOrigin.Repository(directory.resolveSibling("samples/models")),
                        directory.resolveSibling("plugins"),
                        directory.resolveSibling("state"),
                        true,
                        new LifecycleConfig(
                                1,
                                config.lifecycle().memoryBudget(),
                                Map.of(),
                                Duration.ofSeconds(1),
                                6,
                                Duration.ofMillis(500),
                                Duration.ofMinutes(1),
                                Integer.MAX_VALUE,
                                LifecycleConfig.Labels.PRESENT),
                        Map.of(Device.CPU, 6),
                        1L << 30,
                        new TurnoutConfig.Drain(Duration.ofSeconds(5), Duration.ofSeconds(30)),
                        List.of("/metrics"),
                        List.of(),
                        new SharedOptions(directory.resolve("turnout.yaml").toString(), Map.of(), Map.of()),
                        ModelConfig.LoadSettings.DEFAULT));
        assertThat(config.lifecycle().memoryBudget()).isPositive();
    }

    @Test
    void theFileThatIsShippedSaysWhatHoldsWithoutIt(@TempDir Path directory) throws IOException {
        String shipped = Files.readString(Path.of("../conf/turnout.yaml"));
        assertThat(read(directory, shipped)).isEqualTo(read(directory, ""));
    }

    @Test
    void pluginsAreThoseOfTheServerWhereTheLauncherSaysWhereItLies(@TempDir Path directory) {
        TurnoutFile file = new TurnoutFile(name -> name.equals("TURNOUT_HOME") ? "/opt/turnout" : null, 6);
        Path written = ConfigFiles.write(directory.resolve("turnout.yaml"), "");
        assertThat(file.read(written, CommandLine.NONE).plugins()).isEqualTo(Path.of("/opt/turnout/plugins"));
    }

    @Test
    void everyKeyReachesItsPlace(@TempDir Path directory) {
        TurnoutConfig config = read(directory, """
                listen: ["0.0.0.0:${PORT}", ":8501", "[::1]:80"]
                admin: "localhost:${ADMIN_PORT:7000}"
                models: my/models
                plugins: /opt/plugins
                state-dir: ../var
                repository-control: on
                limits: {body: 1MiB, inflated-body: 2MiB, incoming-bytes: 4MiB, connections: 7, in-flight-bytes: 3GiB}
                event-loops: 4
                cors: on
                device-threads: {cpu: 2, gpu:1: 3}
                load-threads: 5
                memory-budget: 8GiB
                device-memory: {gpu:0: 0, gpu:1: 20GiB}
                drain: {grace: 0s, timeout: 1m}
                poll-interval: 250ms
                metrics: {compat: [tensorflow-serving]}
                backends: {tensorflow: {fast: true, name: "${EMPTY}x", sizes: [1, 2.5]}}
                """);
        assertThat(config.metricsCompat()).containsExactly(TurnoutConfig.TENSORFLOW_SERVING);
        assertThat(config.edge().listen())
                .containsExactly(new Address("0.0.0.0", 9000), new Address("", 8501), new Address("::1", 80));
        assertThat(config.admin()).hasValue(new Address("localhost", 7000));
        assertThat(config.models()).isEqualTo(new ModelOrigin.Repository(directory.resolve("my/models")));
        assertThat(config.plugins()).isEqualTo(Path.of("/opt/plugins"));
        assertThat(config.stateDir()).isEqualTo(directory.resolveSibling("var"));
        assertThat(config.repositoryControl()).isTrue();
        assertThat(config.edge().bodyBytes()).isEqualTo(1 << 20);
        assertThat(config.edge().inflatedBytes()).isEqualTo(2 << 20);
        assertThat(config.edge().incomingBytes()).isEqualTo(4 << 20);
        assertThat(config.edge().cors()).isEqualTo(EdgeConfig.Cors.ON);
        assertThat(config.edge().connections()).isEqualTo(7);
        assertThat(config.inFlightBytes()).isEqualTo(3L << 30);
        assertThat(config.edge().eventLoops()).isEqualTo(4);
        assertThat(config.deviceThreads()).isEqualTo(Map.of(Device.CPU, 2, new Device("gpu", 1), 3));
        assertThat(config.lifecycle().deviceMemory()).isEqualTo(Map.of(new Device("gpu", 1), 20L << 30));
        assertThat(config.lifecycle().loadThreads()).isEqualTo(5);
        assertThat(config.lifecycle().memoryBudget()).isEqualTo(8L << 30);
        assertThat(config.drain()).isEqualTo(new TurnoutConfig.Drain(Duration.ZERO, Duration.ofMinutes(1)));
        assertThat(config.lifecycle().pollInterval()).isEqualTo(Duration.ofMillis(250));
        assertThat(config.backends())
                .isEqualTo(Map.of(
                        "tensorflow_savedmodel",
                        new ModelConfig.Section(
                                "tensorflow", Map.of("fast", true, "name", "x", "sizes", List.of(1L, 2.5)))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            lisen: [":1"]                    | 1 | lisen               | unknown key; did you mean "listen"?
            limits: {bdy: 1MiB}              | 1 | limits.bdy          | unknown key; did you mean "limits.body"?
            zzzzzzzz: 1                      | 1 | zzzzzzzz            | unknown key; known here: admin, backends, cors, device-memory, device-threads
            admin: off\\nadmin: off          | 2 | admin               | this key stands twice
            limits: {body: 64MB}             | 1 | limits.body         | expected a size like 64MiB, got "64MB"
            drain: {grace: 5}                | 1 | drain.grace         | expected a duration like 30s, 5m or 0ms, got "5"
            listen: 127.0.0.1:1              | 1 | listen              | expected a list, got "127.0.0.1:1"
            listen: [nowhere]                | 1 | listen              | expected an address like 127.0.0.1:8500 or :8501, got "nowhere"
            listen: [":70000"]               | 1 | listen              | expected an address
            listen: []                       | 1 | listen              | must name at least one address
            listen: [":1", ":1"]             | 1 | listen              | names :1 twice
            admin: 0.0.0.0:1                 | 1 | admin               | must be a loopback address or off
            admin: 127.evil.example:1        | 1 | admin               | must be a loopback address or off
            admin: 127.0.0.256:1             | 1 | admin               | must be a loopback address or off
            admin: 127.0.0.1:8500            | 1 | admin               | must not share an address with listen
            repository-control: maybe        | 1 | repository-control  | expected one of auto, on, off, got "maybe"
            load-threads: 0                  | 1 | load-threads        | must be between 1 and 64, was 0
            load-threads: many               | 1 | load-threads        | expected a whole number, got "many"
            device-threads: {tpu: 1}         | 1 | device-threads.tpu  | expected a device like cpu or gpu:0, got "tpu"
            device-memory: {tpu: 1}          | 1 | device-memory.tpu   | expected a device with memory of its own, like gpu:0, got "tpu"
            device-memory: {cpu: 1GiB}       | 1 | device-memory.cpu   | main memory is limited by memory-budget
            device-memory: {gpu:0: much}     | 1 | device-memory.gpu:0 | expected
            metrics: {compat: [triton]}      | 1 | metrics.compat      | expected tensorflow-serving, the only other server whose metric names are kept, got "triton"
            metrics: {compat: triton}        | 1 | metrics.compat      | expected a list, got "triton"
            models: "${NOT_SET}"             | 1 | models              | the environment variable NOT_SET is not set
            limits: 5                        | 1 | limits              | expected a section, got "5"
            limits: {body: 0}                | 1 | limits.body         | must be between 1 and 2 GiB, was 0
            load-threads: [1                 | 2 | ''                  | is not valid YAML
            """)
    void whatIsWrongIsNamedWithFileLineAndKey(
            String yaml, int line, String key, String problem, @TempDir Path directory) {
        assertThatThrownBy(() -> read(directory, yaml.replace("\\n", "\n") + "\n"))
                .isInstanceOfSatisfying(ConfigException.class, e -> {
                    assertThat(e.line()).isEqualTo(line);
                    assertThat(e.key()).isEqualTo(key);
                    assertThat(e.file())
                            .isEqualTo(directory.resolve("turnout.yaml").toString());
                })
                .hasMessageStartingWith(directory.resolve("turnout.yaml") + ":" + line + ": ")
                .hasMessageContaining(problem);
    }

    @Test
    void repositoryControlIsOnOnlyWhereNobodyElseCanReachThePort(@TempDir Path directory) {
        assertThat(read(directory, "listen: [\"127.0.0.1:1\", \"[::1]:2\"]").repositoryControl())
                .isTrue();
        assertThat(read(directory, "listen: [\"127.0.0.1:1\", \":2\"]").repositoryControl())
                .isFalse();
        assertThat(read(directory, "listen: [\"127.255.0.9:1\", \"localhost:2\"]")
                        .repositoryControl())
                .isTrue();
        assertThat(read(directory, "listen: [\"127.evil.example:1\"]").repositoryControl())
                .isFalse();
        assertThat(read(directory, "repository-control: off").repositoryControl())
                .isFalse();
    }

    @Test
    void theCommandLineGoesBeforeTheFile(@TempDir Path directory) {
        CommandLine commandLine =
                new CommandLine(List.of(":1", "127.0.0.1:0"), "off", directory.resolve("x"), directory.resolve("y"));
        TurnoutConfig config =
                read(directory, "listen: [\":9\"]\nadmin: 127.0.0.1:9\nmodels: m\nplugins: p\n", commandLine);
        assertThat(config.edge().listen()).containsExactly(new Address("", 1), new Address("127.0.0.1", 0));
        assertThat(config.admin()).isEmpty();
        assertThat(config.models()).isEqualTo(new ModelOrigin.Repository(directory.resolve("x")));
        assertThat(config.plugins()).isEqualTo(directory.resolve("y"));
        assertThat(config.repositoryControl()).isFalse();
    }

    @Test
    void aWrongOptionIsNamed(@TempDir Path directory) {
        assertThatThrownBy(() -> read(directory, "", new CommandLine(List.of(":1", ":1"), null, null, null)))
                .hasMessage("--listen: :1 is given twice");
        assertThatThrownBy(() -> read(directory, "", new CommandLine(List.of("x"), null, null, null)))
                .hasMessage("--listen: expected an address like 127.0.0.1:8500 or :8501, got \"x\"");
        assertThatThrownBy(() -> read(directory, "", new CommandLine(List.of(), "on", null, null)))
                .hasMessage("--admin: expected an address like 127.0.0.1:8502, or off, got \"on\"");
    }

    @Test
    void aFileThatIsNotThereIsSaid(@TempDir Path directory) {
        Path file = directory.resolve("none.yaml");
        assertThatThrownBy(() -> FILE.read(file, CommandLine.NONE)).hasMessage(file + ": no such file");
    }

    @Test
    void optionsForAllModelsAreCheckedOnceTheBackendsAreKnown(@TempDir Path directory) {
        Map<String, Consumer<Options>> backends = Map.of("onnx", options -> options.integer("threads", 1, 1, 64));
        assertThatThrownBy(() -> read(directory, "backends:\n  onx: {threads: 1}\n")
                        .shared()
                        .check(backends))
                .hasMessage(directory.resolve("turnout.yaml") + ":2: backends.onx: no such backend; there are: onnx");
        assertThatThrownBy(() -> read(directory, "backends:\n  onnx:\n    threads: many\n")
                        .shared()
                        .check(backends))
                .hasMessageStartingWith(directory.resolve("turnout.yaml") + ":3: backends.onnx.threads: expected");
        read(directory, "backends: {onnx: {threads: 2}}").shared().check(backends);
    }

    @Test
    void aBackendHasOneSectionWhateverItIsCalled(@TempDir Path directory) {
        assertThatThrownBy(() -> read(directory, "backends: {tensorflow: {}, tensorflow_savedmodel: {}}"))
                .hasMessageContaining("the backend tensorflow_savedmodel has a section already");
    }

    @Test
    void aFileThatIsNestedWithoutEndIsRefusedWithItsLine(@TempDir Path directory) {
        assertThatThrownBy(() -> read(directory, "listen:\n" + "  [\n".repeat(20_000)))
                .hasMessage(directory.resolve("turnout.yaml") + ":51: is nested deeper than 50 levels");
    }

    @Test
    void aFileThatKeepsReferringToItselfIsRefusedWithItsLine(@TempDir Path directory) {
        assertThatThrownBy(() -> read(directory, "a: &a [x]\nb: [" + "*a,".repeat(51) + "]\n"))
                .hasMessage(directory.resolve("turnout.yaml") + ":2: has more than 50 aliases");
    }

    @Test
    void aCharacterThatYamlDoesNotHaveIsRefusedWithItsLine(@TempDir Path directory) {
        assertThatThrownBy(() -> read(directory, "# one\n# two\nlisten: \u0001\n"))
                .hasMessage(directory.resolve("turnout.yaml")
                        + ":3: is not valid YAML: the character 1 (hex) is not allowed");
    }
}
