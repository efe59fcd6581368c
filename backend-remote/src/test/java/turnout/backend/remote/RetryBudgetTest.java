package turnout.backend.remote;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {
    @Test
    void afterTheReserveAboutOneRetryForTenCallsIsLeft() {
        RetryBudget budget = new RetryBudget();
        int reserve = 0;
        while (budget.take()) {
            reserve++;
        }
        assertThat(reserve).isEqualTo(256);
        int retries = 0;
        for (int call = 0; call < 1000; call++) {
            budget.onCall();
            if (budget.take()) {
                retries++;
            }
        }
        assertThat(retries).isBetween(95, 101);
    }

    @Test
    void theReserveDoesNotGrowInQuietTimes() {
        RetryBudget budget = new RetryBudget();
        for (int call = 0; call < 10_000; call++) {
            budget.onCall();
        }
        int retries = 0;
        while (budget.take()) {
            retries++;
        }
        assertThat(retries).isEqualTo(256);
    }
}
