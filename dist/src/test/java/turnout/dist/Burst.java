package turnout.dist;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Many calls, so many of them under way at a time. */
final class Burst {
    private Burst() {}

    /** Makes the calls 0 to {@code total - 1} and returns what they gave, in this order; fails as the first that fails. */
    static <T> List<T> of(int total, int width, IntFunction<CompletableFuture<T>> call) {
        Semaphore room = new Semaphore(width);
        List<CompletableFuture<T>> calls = IntStream.range(0, total)
                .mapToObj(i -> {
                    room.acquireUninterruptibly();
                    return call.apply(i).whenComplete((done, failed) -> room.release());
                })
                .toList();
        return calls.stream().map(CompletableFuture::join).toList();
    }
}
