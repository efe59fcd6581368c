package turnout.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.floats;
import static turnout.testkit.Tensors.shape;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import turnout.spi.Buffers;
import turnout.spi.Cancellation;
import turnout.spi.DataType;
import turnout.spi.Deadline;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;

class FakesTest {
    private final FakeTicker ticker = new FakeTicker();

    @Test
    void leasesAreAlignedDirectAndOfTheLengthAskedFor() {
        TestBuffers buffers = new TestBuffers();
        for (int bytes : new int[] {0, 1, 63, 64, 65, 1000}) {
            try (Buffers.Lease lease = buffers.lease(bytes)) {
                assertThat(lease.buffer().remaining()).isEqualTo(bytes);
                assertThat(lease.buffer().isDirect()).isTrue();
                assertThat(lease.buffer().alignmentOffset(0, 64)).isZero();
            }
        }
        buffers.assertAllReturned();
    }

    @Test
    void aLeaseThatIsKeptIsReportedAndOneGivenBackTwiceIsRefused() {
        TestBuffers buffers = new TestBuffers();
        Buffers.Lease lease = buffers.lease(8);
        assertThatThrownBy(buffers::assertAllReturned).isInstanceOf(AssertionError.class);
        lease.close();
        assertThatThrownBy(lease::close).isInstanceOf(IllegalStateException.class);
        buffers.assertAllReturned();
    }

    @Test
    void aCancellationFiresOnceAndAtOnceForThoseWhoComeLate() {
        ManualCancellation cancellation = new ManualCancellation();
        AtomicInteger early = new AtomicInteger();
        AtomicInteger gone = new AtomicInteger();
        AtomicInteger late = new AtomicInteger();
        cancellation.onCancel(early::incrementAndGet);
        cancellation.onCancel(gone::incrementAndGet).close();
        cancellation.fire();
        cancellation.fire();
        cancellation.onCancel(late::incrementAndGet);
        assertThat(List.of(early.get(), gone.get(), late.get())).containsExactly(1, 0, 1);
    }

    @Test
    void aTickerSurvivesItsWrapAround() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(1), ticker);
        assertThat(deadline.isPast(ticker)).isFalse();
        ticker.advance(Duration.ofSeconds(1));
        assertThat(deadline.isPast(ticker)).isTrue();
    }

    @Test
    void aGateHoldsRunsUntilTheyMayPass() throws Exception {
        Gate gate = new Gate(ticker);
        FakeServable servable = FakeServable.identity(DataType.FP32).behind(gate);
        CompletableFuture<float[]> one = start(servable, Cancellation.NEVER);
        CompletableFuture<float[]> two = start(servable, Cancellation.NEVER);
        gate.awaitArrivals(2);
        assertThat(servable.peakRuns()).isEqualTo(2);
        assertThat(CompletableFuture.anyOf(one, two).isDone()).isFalse();
        gate.pass(1);
        CompletableFuture.anyOf(one, two).join();
        gate.open();
        assertThat(one.join()).containsExactly(1, 2);
        assertThat(two.join()).containsExactly(1, 2);
        assertThat(servable.openResponses()).isZero();
        assertThat(servable.requests()).hasSize(2);
        assertThatTensor(servable.requests().get(0).inputs().get("x")).isSameAs(floats(1, 2));
    }

    @Test
    void aHeldRunEndsWhenCancelledOrPastItsDeadline() throws Exception {
        Gate gate = new Gate(ticker);
        FakeServable servable = FakeServable.identity(DataType.FP32).behind(gate);
        ManualCancellation cancellation = new ManualCancellation();
        CompletableFuture<float[]> cancelled = start(servable, cancellation);
        CompletableFuture<float[]> expired = start(servable, Cancellation.NEVER);
        gate.awaitArrivals(2);
        cancellation.fire();
        assertThat(codeOf(cancelled)).isEqualTo(ErrorCode.CANCELLED);
        assertThat(expired.isDone()).isFalse();
        ticker.advance(Duration.ofMinutes(1));
        assertThat(codeOf(expired)).isEqualTo(ErrorCode.DEADLINE);
    }

    @Test
    void tensorsAreWrittenLittleEndian() {
        assertThat(Tensors.bytes(Tensors.ints(shape(1), 0x01020304))).containsExactly(4, 3, 2, 1);
        assertThat(Tensors.bytes(Tensors.bits(DataType.UINT16, shape(1), 0xFFFE)))
                .containsExactly(0xFE, 0xFF);
        assertThatTensor(Tensors.strings("a", "")).hasType(DataType.BYTES).hasShape(2);
        assertThatThrownBy(() -> assertThatTensor(floats(0f)).isSameAs(floats(-0f)))
                .isInstanceOf(AssertionError.class);
    }

    private CompletableFuture<float[]> start(FakeServable servable, Cancellation cancellation) {
        InferenceRequest request = new InferenceRequest(
                FakeServable.xToY(DataType.FP32),
                Map.of("x", floats(1, 2)),
                List.of("y"),
                Map.of(),
                Deadline.after(Duration.ofMinutes(1), ticker),
                cancellation);
        return CompletableFuture.supplyAsync(() -> servable.infer(request), task -> new Thread(task).start())
                .thenCompose(stage -> stage)
                .thenApply(FakesTest::readAndClose);
    }

    private static float[] readAndClose(InferenceResponse response) {
        try (response) {
            return Tensors.floatsOf(response.outputs().values().iterator().next());
        }
    }

    private static ErrorCode codeOf(CompletableFuture<float[]> run) {
        try {
            run.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof InferenceException failure) {
                return failure.code();
            }
            throw e;
        }
        throw new AssertionError("expected a failure");
    }
}
