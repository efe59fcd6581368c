package turnout.gateway.lane;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServiceTimesTest {
    private final ServiceTimes times = new ServiceTimes();

    @Test
    void nothingIsKnownAtFirst() {
        assertThat(times.least(1)).isZero();
    }

    @Test
    void itIsTheLeastOfRunsOfTheSameSizeClass() {
        times.ran(4, 500);
        times.ran(7, 300);
        times.ran(5, 900);

        assertThat(times.least(6)).isEqualTo(300);
        assertThat(times.least(8)).isZero();
        assertThat(times.least(3)).isZero();
    }

    @Test
    void aFastRunIsForgottenAfterTwoWindows() {
        times.ran(1, 10);
        for (int i = 0; i < 63; i++) {
            times.ran(1, 1000);
        }
        assertThat(times.least(1)).isEqualTo(10);

        for (int i = 0; i < 64; i++) {
            times.ran(1, 1000);
        }

        assertThat(times.least(1)).isEqualTo(1000);
    }

    @Test
    void afterSomeRefusalsOneIsLetThroughToFindOutAnew() {
        times.ran(1, 1_000_000);
        for (int i = 0; i < 15; i++) {
            times.refused(1);
        }
        assertThat(times.least(1)).isEqualTo(1_000_000);

        times.refused(1);
        assertThat(times.least(1)).isZero();
        times.started(1);
        assertThat(times.least(1)).isEqualTo(1_000_000);
        times.ran(1, 5);

        assertThat(times.least(1)).isEqualTo(5);
    }

    @Test
    void anyNumberOfRowsHasAClass() {
        times.ran(0, 3);
        times.ran(Long.MAX_VALUE, 4);

        assertThat(times.least(0)).isEqualTo(3);
        assertThat(times.least(Long.MAX_VALUE)).isEqualTo(4);
    }
}
