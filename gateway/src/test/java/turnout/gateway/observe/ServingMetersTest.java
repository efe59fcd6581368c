package turnout.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RunFacts;
import turnout.gateway.call.RunListener.Execution;
import turnout.spi.ModelVersion;

class ServingMetersTest {
    private static final ModelVersion VERSION = new ModelVersion("m", 1);

    private static final ModelVersion OTHER = new ModelVersion("m", 2);

    private final ServingMeters meters = new ServingMeters(refusal -> "UNAVAILABLE");

    @Test
    void anAnswerIsCountedUnderTheNamesOfTheOriginal() {
        CallRecord record = routed();
        record.bound(3);
        record.ran(new RunFacts(TimeUnit.MICROSECONDS.toNanos(25), TimeUnit.MICROSECONDS.toNanos(50), 1, 3));

        meters.answered(Dialect.TFS_REST, record, TimeUnit.MICROSECONDS.toNanos(100));

        assertThat(lines())
                .contains(
                        "# TYPE :tensorflow:serving:request_count counter",
                        ":tensorflow:serving:request_count{model_name=\"m\",status=\"OK\"} 1",
                        "# TYPE :tensorflow:serving:request_latency histogram",
                        ":tensorflow:serving:request_latency_bucket"
                                + "{model_name=\"m\",API=\"predict\",entrypoint=\"REST\",le=\"58.32\"} 0",
                        ":tensorflow:serving:request_latency_bucket"
                                + "{model_name=\"m\",API=\"predict\",entrypoint=\"REST\",le=\"104.976\"} 1",
                        ":tensorflow:serving:request_latency_sum"
                                + "{model_name=\"m\",API=\"predict\",entrypoint=\"REST\"} 100",
                        ":tensorflow:serving:runtime_latency_sum{model_name=\"m\",API=\"predict\",runtime=\"TF1\"} 50",
                        ":tensorflow:serving:request_example_counts_bucket{model=\"m\",le=\"2\"} 0",
                        ":tensorflow:serving:request_example_counts_bucket{model=\"m\",le=\"4\"} 1",
                        ":tensorflow:serving:request_example_count_total{model=\"m\"} 3",
                        ":tensorflow:serving:batching_session:queuing_latency_sum"
                                + "{thread_pool_name=\"model_server_batch_threads\"} 25",
                        ":tensorflow:serving:batching_session:input_batch_size_sum 3");
    }

    @Test
    void theDoorDecidesHowTheMethodIsSpelled() {
        CallRecord record = routed();
        record.asks(CallRecord.Task.CLASSIFY);

        meters.answered(Dialect.TFS_GRPC, record, 0);
        meters.answered(Dialect.TFS_REST, record, 0);

        assertThat(lines())
                .contains(
                        ":tensorflow:serving:request_latency_count"
                                + "{model_name=\"m\",API=\"Classify\",entrypoint=\"GRPC\"} 1",
                        ":tensorflow:serving:request_latency_count"
                                + "{model_name=\"m\",API=\"classify\",entrypoint=\"REST\"} 1");
    }

    @Test
    void aRefusalCountsByItsStatusAndHasNoLatency() {
        CallRecord record = routed();
        record.refused(new Refusal.QueueFull("m", 1, 1, Refusal.QueueFull.Unit.ROWS));

        meters.answered(Dialect.TFS_GRPC, record, 1_000_000);

        assertThat(lines())
                .contains(":tensorflow:serving:request_count{model_name=\"m\",status=\"UNAVAILABLE\"} 1")
                .noneMatch(line -> line.contains("latency"));
    }

    @Test
    void whatAClientCallsAModelIsNoLabel() {
        CallRecord record = new CallRecord("id", 0);
        record.refused(new Refusal.ModelUnknown("made-up"));

        meters.answered(Dialect.TFS_GRPC, record, 1);

        assertThat(meters.scrape()).isEmpty();
    }

    @Test
    void runsAndTheirPaddingAreCounted() {
        meters.executed(VERSION, new Execution(5, 8, 2, 1, 1, 1, true));

        assertThat(lines())
                .contains(
                        ":tensorflow:serving:batching_session:wrapped_run_count 1",
                        ":tensorflow:serving:batching_session:processed_batch_size_sum 8",
                        ":tensorflow:serving:batching_session:padding_size_sum{execution_batch_size=\"8\"} 3");
    }

    @Test
    void loadsAndWarmUpsAreCountedByPath() {
        meters.loaded(VERSION, "/models/a \"b\"/1", 2_000_000, ServingMeters.Outcome.SUCCEEDED);
        meters.loaded(OTHER, "/models/c/1", 2_000_000, ServingMeters.Outcome.FAILED);
        meters.warmed(OTHER, "/models/c/1", 7_000, ServingMeters.Outcome.SUCCEEDED);

        assertThat(lines())
                .contains(
                        ":tensorflow:cc:saved_model:load_attempt_count{model_path=\"/models/a \\\"b\\\"/1\",status=\"success\"} 1",
                        ":tensorflow:cc:saved_model:load_latency{model_path=\"/models/a \\\"b\\\"/1\"} 2000",
                        ":tensorflow:cc:saved_model:load_attempt_count{model_path=\"/models/c/1\",status=\"fail\"} 1",
                        ":tensorflow:serving:model_warmup_latency_sum{model_path=\"/models/c/1\",status=\"OK\"} 7")
                .noneMatch(line -> line.startsWith(":tensorflow:cc:saved_model:load_latency{model_path=\"/models/c"));
    }

    @Test
    void anyNumberOfRowsMakesFewSeries() {
        for (int rows = 1; rows <= 20_000; rows++) {
            meters.executed(VERSION, new Execution(rows, rows, 1, 1, 1, 1, true));
        }

        assertThat(lines().stream()
                        .filter(line -> line.startsWith(":tensorflow:serving:batching_session:padding_size_count"))
                        .map(line -> line.substring(line.indexOf('"') + 1, line.lastIndexOf('"'))))
                .containsExactlyInAnyOrder(
                        "1", "2", "4", "8", "16", "32", "64", "128", "256", "512", "1024", "2048", "4096", "8192",
                        "more");
    }

    @Test
    void whatWasKeptOfADirectoryGoesWithItsVersion() {
        meters.loaded(VERSION, "/models/a/1", 2_000_000, ServingMeters.Outcome.SUCCEEDED);
        meters.warmed(VERSION, "/models/a/1", 7_000, ServingMeters.Outcome.SUCCEEDED);
        meters.loaded(OTHER, "/models/a/2", 2_000_000, ServingMeters.Outcome.SUCCEEDED);

        meters.forget(VERSION);

        assertThat(meters.scrape()).doesNotContain("/models/a/1").contains("/models/a/2");
    }

    @Test
    void bucketsAreThoseOfTheOriginal() {
        meters.answered(Dialect.TFS_REST, routed(), 0);

        List<String> limits = lines().stream()
                .filter(line -> line.startsWith(":tensorflow:serving:request_latency_bucket"))
                .map(line -> line.substring(line.indexOf("le=\"") + 4, line.lastIndexOf('"')))
                .toList();
        assertThat(limits)
                .hasSize(34)
                .startsWith("10", "18", "32.4", "58.32", "104.976", "188.957", "340.122")
                .contains("708235", "1.27482e+06")
                .endsWith("1.47476e+09", "+Inf");
    }

    private static CallRecord routed() {
        CallRecord record = new CallRecord("id", 0);
        record.routed(VERSION, "latest");
        return record;
    }

    private List<String> lines() {
        return meters.scrape().lines().toList();
    }
}
