package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import turnout.spi.Device;

class MemoryBudgetTest {
    private static final long MIB = 1 << 20;
    private static final Device LIMITED = new Device("gpu", 0);
    private static final Device TOO = new Device("gpu", 1);
    private static final Device FREE = new Device("gpu", 2);

    private final AtomicInteger releases = new AtomicInteger();
    private final MemoryBudget budget =
            new MemoryBudget(10 * MIB, Map.of(LIMITED, 4 * MIB, TOO, 4 * MIB), releases::incrementAndGet);

    private static MemoryNeed need(long host, Device device, long bytes) {
        return new MemoryNeed(host * MIB, Map.of(device, bytes * MIB));
    }

    @Test
    void aVersionGetsAllItsSharesOrNone() {
        MemoryNeed both = new MemoryNeed(MIB, Map.of(LIMITED, 3 * MIB, TOO, 3 * MIB));
        MemoryBudget.Reservation first = budget.reserve(need(1, TOO, 2));
        assertThat(budget.holds(both)).isFalse();
        assertThat(budget.shortage(both))
                .isEqualTo("it needs 3.0 MiB, but only 2.0 MiB of the budget for gpu:1 of 4.0 MiB are left");
        first.release();
        first.release();
        assertThat(budget.holds(both)).isTrue();
        assertThat(budget.used()).isZero();
        assertThat(releases).hasValue(1);
    }

    @Test
    void aDeviceWithoutALimitHoldsAnything() {
        assertThat(budget.holds(need(1, FREE, 1 << 20))).isTrue();
        assertThat(budget.couldHold(need(1, FREE, 1 << 20))).isTrue();
    }

    @Test
    void whatIsLargerThanTheDeviceCannotEverFit() {
        MemoryNeed large = need(1, LIMITED, 5);
        assertThat(budget.couldHold(large)).isFalse();
        assertThat(budget.shortage(large))
                .isEqualTo("it needs 5.0 MiB, more than the whole budget for gpu:0 of 4.0 MiB");
    }

    @Test
    void aVersionThatLeavesOneDeviceGivesNothingBackOnAnother() {
        MemoryBudget.Reservation here = budget.reserve(need(1, LIMITED, 4));
        MemoryBudget.Reservation there = budget.reserve(need(1, TOO, 4));
        MemoryNeed wanted = need(1, LIMITED, 4);
        there.leaves();
        assertThat(budget.expectsRelease(wanted)).isFalse();
        here.leaves();
        assertThat(budget.expectsRelease(wanted)).isTrue();
        here.release();
        assertThat(budget.holds(wanted)).isTrue();
    }
}
