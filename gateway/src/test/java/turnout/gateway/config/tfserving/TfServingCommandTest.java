package turnout.gateway.config.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.gateway.config.ConfigException;
import turnout.gateway.config.ModelOrigin;
import turnout.gateway.config.TurnoutConfig;
import turnout.gateway.config.TurnoutFile;
import turnout.gateway.edge.EdgeConfig.Address;
import turnout.gateway.lane.BatchingConfig;
import turnout.gateway.lifecycle.LifecycleConfig;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.spi.Device;

class TfServingCommandTest {
    private static final int CORES = 6;

    @TempDir
    Path directory = Path.of("");

    private Path file(String name, String text) {
        try {
            return Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TurnoutConfig config(TfServingCommand command) {
        return command.config(new TurnoutFile(name -> null, CORES), CORES);
    }

    /** With one model, and these flags besides. */
    private static TurnoutConfig config(String... flags) {
        return config(command(flags));
    }

    private static TfServingCommand command(String... flags) {
        List<String> words = new ArrayList<>(List.of("--model_base_path=/srv/m"));
        words.addAll(List.of(flags));
        return TfServingCommand.parse(words);
    }

    private static void refused(String problem, String... flags) {
        assertThatThrownBy(() -> config(flags))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(problem);
    }

    private static List<ServedModel> models(TurnoutConfig config) {
        return ((ModelOrigin.Listed) config.models()).models();
    }

    @Test
    void withoutFlagsItIsWhatTensorFlowServingDoesOrBetter() {
        TurnoutConfig config = config();
        assertThat(config.edge().listen()).containsExactly(new Address("0.0.0.0", 8500));
        assertThat(config.admin()).isEmpty();
        assertThat(config.repositoryControl()).isFalse();
        assertThat(models(config))
                .containsExactly(new ServedModel("default", Path.of("/srv/m"), "tensorflow", null, Map.of()));
        assertThat(config.lifecycle())
                .isEqualTo(new LifecycleConfig(
                        CORES,
                        config.lifecycle().memoryBudget(),
                        Map.of(),
                        Duration.ofSeconds(1),
                        CORES,
                        Duration.ofMillis(500),
                        Duration.ofMinutes(1),
                        Integer.MAX_VALUE,
                        LifecycleConfig.Labels.PRESENT));
        assertThat(config.deviceThreads()).isEqualTo(Map.of(Device.CPU, CORES));
        assertThat(config.metricsPaths()).containsExactly("/metrics");
        assertThat(config.modelDefaults()).isEqualTo(ModelConfig.LoadSettings.DEFAULT);
        assertThat(config.backends()).isEmpty();
    }

    @Test
    void bothPortsAreListenersAndNoughtIsNone() {
        assertThat(config("--rest_api_port=8501").edge().listen())
                .containsExactly(new Address("0.0.0.0", 8500), new Address("0.0.0.0", 8501));
        assertThat(config("--port=0", "--rest_api_port=1").edge().listen()).containsExactly(new Address("0.0.0.0", 1));
        assertThat(config("--port=7", "--rest_api_port=7").edge().listen()).containsExactly(new Address("0.0.0.0", 7));
        refused("--port: and --rest_api_port are both 0", "--port=0");
        refused("--port: must be between 0 and 65535, was 65536", "--port=65536");
    }

    @Test
    void oneModelMayHaveANameAndLabels() {
        assertThat(models(config("--model_name=half", "--version_labels=stable:1,canary:2")))
                .containsExactly(new ServedModel(
                        "half", Path.of("/srv/m"), "tensorflow", null, Map.of("stable", 1L, "canary", 2L)));
        refused("--version_labels: expected labels like stable:1,canary:2, got \"stable\"", "--version_labels=stable");
        refused("a label must not be a number", "--version_labels=7:1");
    }

    @Test
    void aRelativeBasePathIsRefusedInTheKnownWords() {
        refused(
                "--model_base_path: Expected model default to have an absolute path or URI; got base_path()=models/m",
                "--model_base_path=models/m");
    }

    @Test
    void withoutAModelThereIsNothingToServe() {
        assertThatThrownBy(() -> config(TfServingCommand.parse(List.of("--port=1"))))
                .hasMessageContaining(
                        "Both server_options.model_base_path and server_options.model_config_file are empty!");
    }

    @Test
    void aListOfModelsGoesBeforeTheOneModelAndMayBeReadAgain() {
        Path list = file(
                "models.config",
                "model_config_list { config { name: 'a' base_path: '/srv/a' model_platform: 'tensorflow' } }");
        TurnoutConfig config = config("--model_config_file=" + list, "--model_config_file_poll_wait_seconds=5");
        assertThat(config.models())
                .isEqualTo(new ModelOrigin.Listed(
                        List.of(new ServedModel("a", Path.of("/srv/a"), "tensorflow", null, Map.of())),
                        Optional.of(new ModelOrigin.Watch(list, Duration.ofSeconds(5)))));
        assertThat(config("--model_config_file=" + list).models())
                .isInstanceOfSatisfying(ModelOrigin.Listed.class, listed -> assertThat(listed.watch())
                        .isEmpty());
        refused(
                "--version_labels: is for the model of --model_base_path",
                "--model_config_file=" + list,
                "--version_labels=a:1");
        refused("none: no such file", "--model_config_file=" + directory.resolve("none"));
    }

    @Test
    void directoriesAreLookedAtAsOftenAsTheFlagSays() {
        assertThat(config("--file_system_poll_wait_seconds=9").lifecycle().pollInterval())
                .isEqualTo(Duration.ofSeconds(9));
        assertThat(config("--file_system_poll_wait_seconds=0").lifecycle().pollInterval())
                .isEqualTo(Duration.ZERO);
    }

    @Test
    void aNegativeIntervalMeansThatNothingIsLoadedAndIsSaidSo() {
        TfServingCommand command = command("--file_system_poll_wait_seconds=-1");
        assertThat(models(config(command))).isEmpty();
        assertThat(command.warnings())
                .containsExactly("--file_system_poll_wait_seconds is negative: no directory is looked at, and no model"
                        + " is loaded, until a reload says which");
    }

    @Test
    void loadingFollowsItsFlags() {
        LifecycleConfig lifecycle = config(
                        "--num_load_threads=3",
                        "--max_num_load_retries=2",
                        "--load_retry_interval_micros=1500000",
                        "--allow_version_labels_for_unavailable_models")
                .lifecycle();
        assertThat(lifecycle.loadThreads()).isEqualTo(3);
        assertThat(lifecycle.mostRetries()).isEqualTo(2);
        assertThat(lifecycle.firstRetry()).isEqualTo(Duration.ofMillis(1500));
        assertThat(lifecycle.lastRetry()).isEqualTo(Duration.ofMillis(1500));
        assertThat(lifecycle.labels()).isEqualTo(LifecycleConfig.Labels.ANY);
    }

    @ParameterizedTest
    @CsvSource({"0", "99999"})
    void loadsThatFailAreNeverTriedAgainWithoutAPause(String micros) {
        TfServingCommand command = command("--load_retry_interval_micros=" + micros);
        assertThat(config(command).lifecycle().firstRetry()).isEqualTo(Duration.ofMillis(100));
        assertThat(command.warnings())
                .containsExactly("--load_retry_interval_micros is raised to 100 ms, the least pause between loads that"
                        + " failed");
    }

    @Test
    void whatIsWrongWithTheOneModelIsSaidOfItsFlag() {
        refused("--version_labels: Model default has the version label \"7\"", "--version_labels=7:1");
        refused("--model_name: must not be blank", "--model_name= ");
        refused("--model_base_path: Expected model default to have an absolute path", "--model_base_path=s3://b/m");
    }

    @ParameterizedTest
    @CsvSource({"0,0,0,6", "3,0,0,3", "0,2,0,2", "3,2,0,2", "3,0,1,3"})
    void sessionsHaveAsManyThreadsAsTheFlagsSay(int session, int intra, int inter, int threads) {
        assertThat(config(
                                "--tensorflow_session_parallelism=" + session,
                                "--tensorflow_intra_op_parallelism=" + intra,
                                "--tensorflow_inter_op_parallelism=" + inter)
                        .lifecycle()
                        .cores())
                .isEqualTo(threads);
    }

    @Test
    void allThreeNumbersOfThreadsContradictEachOther() {
        refused(
                "--tensorflow_session_parallelism: must not be set where both --tensorflow_intra_op_parallelism and"
                        + " --tensorflow_inter_op_parallelism are",
                "--tensorflow_session_parallelism=1",
                "--tensorflow_intra_op_parallelism=1",
                "--tensorflow_inter_op_parallelism=1");
    }

    @Test
    void tagsOfAGraphReachTheBackend() {
        assertThat(config("--saved_model_tags=serve,gpu").backends())
                .isEqualTo(Map.of(
                        "tensorflow_savedmodel",
                        new ModelConfig.Section("tensorflow", Map.of("tags", List.of("serve", "gpu")))));
        refused("--saved_model_tags: expected tags separated by commas", "--saved_model_tags=a,,b");
    }

    @Test
    void callsAndWarmUpFollowTheirFlags() {
        ModelConfig.LoadSettings load = config(
                        "--rest_api_timeout_in_ms=1234",
                        "--noenable_model_warmup",
                        "--num_request_iterations_for_warmup=4")
                .modelDefaults();
        assertThat(load.deadline()).isEqualTo(Duration.ofMillis(1234));
        assertThat(load.warmup()).isEqualTo(ModelConfig.Warm.SYNTHETIC);
        assertThat(load.warmupIterations()).isEqualTo(4);
        refused("--rest_api_timeout_in_ms: must be between 1 and", "--rest_api_timeout_in_ms=0");
    }

    @Test
    void batchingHasTensorFlowServingsSizesOnceItIsSwitchedOn() {
        assertThat(config("--enable_batching").modelDefaults().batching())
                .isEqualTo(BatchingFile.absent().batching());
        assertThat(BatchingFile.ofTurnout()).isEqualTo(new BatchingFile(BatchingConfig.DEFAULT, OptionalInt.empty()));
        Path parameters = file("batching.config", "max_batch_size { value: 9 } num_batch_threads { value: 2 }");
        TurnoutConfig config = config("--enable_batching", "--batching_parameters_file=" + parameters);
        assertThat(config.modelDefaults().batching().maxBatchRows()).isEqualTo(9);
        assertThat(config.deviceThreads()).isEqualTo(Map.of(Device.CPU, 2));
        assertThat(config.lifecycle().cores()).isEqualTo(CORES);
        refused(
                "--batching_parameters_file: server_options.batching_parameters_file is set without setting"
                        + " server_options.enable_batching to true",
                "--batching_parameters_file=" + parameters);
    }

    @Test
    void figuresAreShownInASecondPlaceWhereTheFileSaysSo() {
        Path monitoring = file("monitoring.config", "prometheus_config { enable: true path: '/figures' }");
        assertThat(config("--monitoring_config_file=" + monitoring).metricsPaths())
                .containsExactly("/metrics", "/figures");
        assertThat(config("--monitoring_config_file=" + monitoring).metricsCompat())
                .containsExactly(TurnoutConfig.TENSORFLOW_SERVING);
        assertThat(config().metricsCompat()).isEmpty();
    }

    @Test
    void turnoutsOwnFlagsOpenWhatIsClosed() {
        TurnoutConfig config = config("--turnout_admin=127.0.0.1:7", "--turnout_repository_control");
        assertThat(config.admin()).hasValue(new Address("127.0.0.1", 7));
        assertThat(config.repositoryControl()).isTrue();
    }

    @Test
    void flagsOfNoConsequenceAreWarnedOf() {
        assertThat(command("--grpc_max_threads=4", "--noflush_filesystem_caches")
                        .warnings())
                .hasSize(2)
                .allMatch(warning -> warning.contains(" has no effect: "));
    }
}
