package turnout.gateway.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchLimitTest {
    private static final long FAST = Duration.ofMillis(1).toNanos();
    private static final long SLOW = Duration.ofMillis(100).toNanos();

    @Test
    void withoutObjectiveItIsTheConfiguredMost() {
        BatchLimit limit = new BatchLimit(BatchingConfig.DEFAULT);

        limit.observed(32, SLOW);

        assertThat(limit.rows()).isEqualTo(32);
    }

    @Test
    void fullBatchesUnderTheObjectiveWidenItRowByRowUpToTheMost() {
        BatchLimit limit = objective();
        assertThat(limit.rows()).isEqualTo(1);

        limit.observed(1, FAST);
        assertThat(limit.rows()).isEqualTo(2);
        for (int i = 0; i < 100; i++) {
            limit.observed(32, FAST);
        }

        assertThat(limit.rows()).isEqualTo(32);
    }

    @Test
    void batchesThatAreNotFullSayNothingAboutWiderOnes() {
        BatchLimit limit = objective();
        limit.observed(1, FAST);

        limit.observed(1, FAST);

        assertThat(limit.rows()).isEqualTo(2);
    }

    @Test
    void oneSlowCallNarrowsItByATenthAndNeverBelowOne() {
        BatchLimit limit = objective();
        for (int i = 0; i < 19; i++) {
            limit.observed(32, FAST);
        }
        assertThat(limit.rows()).isEqualTo(20);

        limit.observed(20, SLOW);
        assertThat(limit.rows()).isEqualTo(18);
        for (int i = 0; i < 100; i++) {
            limit.observed(1, SLOW);
        }

        assertThat(limit.rows()).isEqualTo(1);
    }

    private static BatchLimit objective() {
        return new BatchLimit(new BatchingConfig(
                32,
                Duration.ZERO,
                4096,
                BatchingConfig.DEFAULT_QUEUED_BYTES,
                List.of(),
                0,
                Duration.ofMillis(50),
                BatchingConfig.Join.AUTO));
    }
}
