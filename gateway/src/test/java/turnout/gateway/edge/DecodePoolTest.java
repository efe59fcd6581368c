package turnout.gateway.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.failure;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DecodePoolTest {
    private final Vertx vertx = Vertx.vertx();
    private final DecodePool pool = new DecodePool(vertx, 1);

    @AfterEach
    void close() {
        result(vertx.close());
    }

    @Test
    void onlyHeavyWorkLeavesTheCallersThread() {
        assertThat(result(pool.runIfHeavy(DecodePool.HEAVY_BYTES, Thread::currentThread)))
                .isSameAs(Thread.currentThread());
        assertThat(result(pool.runIfHeavy(DecodePool.HEAVY_BYTES + 1L, Thread::currentThread))
                        .getName())
                .startsWith("turnout-decode");
    }

    @Test
    void whatWorkThrowsIsAFailureWhereverItRan() {
        IllegalArgumentException defect = new IllegalArgumentException();
        for (long bytes : new long[] {1, DecodePool.HEAVY_BYTES + 1L}) {
            assertThat(failure(pool.runIfHeavy(bytes, () -> {
                        throw defect;
                    })))
                    .isSameAs(defect);
        }
    }
}
