package turnout.gateway.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Those who wait until something holds. Owned by the control thread. */
final class Waiters {
    private final List<Waiter> waiting = new ArrayList<>();

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    Future<Void> until(BooleanSupplier holds) {
        Waiter waiter = new Waiter(holds, Promise.promise());
        waiting.add(waiter);
        return waiter.promise.future();
    }

    /** Lets those go whose wait is over, and says whether there were any. */
    boolean check() {
        // Who is let go may come back at once with another wish, which belongs to the next round.
        List<Waiter> done =
                waiting.stream().filter(waiter -> waiter.holds.getAsBoolean()).toList();
        waiting.removeAll(done);
        done.forEach(waiter -> waiter.promise.complete());
        return !done.isEmpty();
    }

    private record Waiter(BooleanSupplier holds, Promise<Void> promise) {}
}
