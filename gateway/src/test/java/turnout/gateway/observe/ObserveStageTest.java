package turnout.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.refusal;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Future;
import java.util.List;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.CacheOutcome;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Pipeline;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.RunListener.Execution;
import turnout.gateway.call.RunListener.Exit;
import turnout.gateway.call.Stage;
import turnout.gateway.call.VersionStatistics;
import turnout.gateway.call.VersionStatistics.Times;
import turnout.gateway.rig.Answers;
import turnout.gateway.rig.Calls;
import turnout.spi.ModelVersion;
import turnout.testkit.FakeTicker;
import turnout.testkit.Tensors;

class ObserveStageTest {
    private static final ModelVersion VERSION = new ModelVersion("m", 1);

    private final FakeTicker ticker = new FakeTicker();
    private final Meters meters = new Meters();
    private final ModelCounters counters = new ModelCounters();
    private final ObserveStage stage = new ObserveStage(List.of(meters, counters, new AccessLog()), ticker);

    @Test
    void anAnswerIsCountedOnceUnderItsVersionAndArm() {
        Answer answer = Answers.of(1);
        result(send((call, next) -> {
            call.record().routed(VERSION, "control");
            call.record().ran(answer.run());
            return Future.succeededFuture(answer);
        }));

        assertThat(line("turnout_requests_total"))
                .contains("arm=\"control\"", "code=\"OK\"", "dialect=\"oip-rest\"", "model=\"m\"", "version=\"1\"")
                .endsWith(" 1.0");
        VersionStatistics statistics = counters.of(VERSION).orElseThrow();
        assertThat(statistics.success().count()).isEqualTo(1);
        assertThat(statistics.queue()).isEqualTo(new Times(1, 5));
        assertThat(statistics.failure().count()).isZero();
    }

    @Test
    void aRefusalAfterRoutingCountsAgainstItsVersion() {
        refusal(send((call, next) -> {
            call.record().routed(VERSION, "control");
            return Future.failedFuture(
                    new RefusedException(new Refusal.QueueFull("m", 1, 1, Refusal.QueueFull.Unit.ROWS)));
        }));

        assertThat(line("turnout_requests_total")).contains("code=\"QUEUE_FULL\"", "version=\"1\"");
        assertThat(counters.of(VERSION).orElseThrow().failure().count()).isEqualTo(1);
    }

    @Test
    void aRefusalAtTheDoorIsCountedWithoutACall() {
        CallRecord record = new CallRecord("id", ticker.nanos());
        record.refused(new Refusal.Malformed("no JSON"));

        stage.refusedAtTheDoor(Dialect.TFS_REST, record);

        assertThat(line("turnout_requests_total"))
                .contains("code=\"MALFORMED\"", "dialect=\"tfs-rest\"", "model=\"\"")
                .endsWith(" 1.0");
    }

    @Test
    void whatAClientCallsAModelNeverBecomesATag() {
        for (int i = 0; i < 50; i++) {
            String name = "made-up-" + i;
            Pipeline pipeline = new Pipeline(List.of(stage, (call, next) -> {
                throw new RefusedException(new Refusal.ModelUnknown(name));
            }));
            refusal(pipeline.handle(Calls.x(Tensors.floats(1)).model(name).arrived()));
        }

        assertThat(meters.scrape()).doesNotContain("made-up");
        assertThat(line("turnout_requests_total"))
                .contains("model=\"\"", "code=\"MODEL_UNKNOWN\"")
                .endsWith(" 50.0");
    }

    @Test
    void theSeriesOfAVersionVanishWithItAndThoseOfOthersStay() {
        ModelVersion other = new ModelVersion("m", 2);
        for (ModelVersion version : List.of(VERSION, other)) {
            meters.executed(version, new Execution(3, 4, 2, 1, 1, 1, true));
            meters.left(version, Exit.BATCHED);
            meters.waiting(version, () -> 7, () -> 700);
            result(send((call, next) -> {
                call.record().routed(version, "control");
                return Future.succeededFuture(Answers.of(1));
            }));
        }

        assertThat(meters.scrape())
                .contains("turnout_queue_rows{model=\"m\",version=\"2\"} 7.0")
                .contains("turnout_queue_bytes{model=\"m\",version=\"1\"} 700.0");

        meters.forget(VERSION);

        assertThat(meters.scrape()).doesNotContain("version=\"1\"").contains("version=\"2\"");
    }

    @Test
    void runsAreCountedByRowsAndTimes() {
        counters.begin(VERSION);
        assertThat(counters.of(VERSION).orElseThrow().executions()).isZero();

        counters.executed(VERSION, new Execution(3, 4, 2, 10, 20, 30, true));
        counters.executed(VERSION, new Execution(5, 5, 1, 10, 20, 30, false));

        VersionStatistics statistics = counters.of(VERSION).orElseThrow();
        assertThat(statistics.executions()).isEqualTo(2);
        assertThat(statistics.inferences()).isEqualTo(3);
        assertThat(statistics.infer()).isEqualTo(new Times(2, 40));
        assertThat(statistics.batches().get(3L)).isNotNull();
        assertThat(statistics.batches()).hasSize(1);
    }

    @Test
    void theSizesOfRunsTakeABoundedNumberOfLines() {
        for (int rows = 1; rows <= 10_000; rows++) {
            counters.executed(VERSION, new Execution(rows, rows, 1, 1, 1, 1, true));
        }

        assertThat(counters.of(VERSION).orElseThrow().batches()).hasSizeLessThanOrEqualTo(257);
    }

    @Test
    void hitsAndMissesAreCountedApart() {
        for (CacheOutcome outcome : CacheOutcome.values()) {
            result(send((call, next) -> {
                call.record().routed(VERSION, "control");
                call.record().cached(outcome);
                return Future.succeededFuture(Answers.of(1));
            }));
        }

        VersionStatistics statistics = counters.of(VERSION).orElseThrow();
        assertThat(statistics.cacheHit().count()).isEqualTo(2);
        assertThat(statistics.cacheMiss().count()).isEqualTo(1);
        assertThat(statistics.success().count()).isEqualTo(4);
    }

    @Test
    void aVersionThatNeverWasHasNoCounters() {
        assertThat(counters.of(new ModelVersion("m", 9))).isEmpty();
    }

    @Test
    void aGaugeIsReadAtEachScrape() {
        meters.gauge("turnout.test", "a test", () -> 42);

        assertThat(line("turnout_test")).endsWith(" 42.0");
    }

    private Future<Answer> send(Stage inner) {
        return new Pipeline(List.of(stage, inner))
                .handle(Calls.x(Tensors.floats(1)).arrived());
    }

    private String line(String name) {
        return meters.scrape()
                .lines()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .orElseThrow();
    }
}
