package turnout.dist;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/** Clients that ask one thing after the other, one client for each question and door, until told to stop. */
final class Load implements AutoCloseable {
    private final Doors doors;
    private final Consumer<Reply> check;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<?>> clients = new ArrayList<>();
    private final AtomicLong answered = new AtomicLong();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    /**
     * @param check throws {@link AssertionError} when an answer is wrong
     */
    Load(Doors doors, Consumer<Reply> check) {
        this.doors = doors;
        this.check = check;
    }

    /** Lets clients ask those questions at every door. */
    Load ask(Question... questions) {
        return askWhile(() -> true, questions);
    }

    /** As {@link #ask}, each client as long as it sees that it should. */
    Load askWhile(BooleanSupplier more, Question... questions) {
        for (Question question : questions) {
            for (Door door : Door.values()) {
                clients.add(threads.submit(() -> {
                    while (!stopped && more.getAsBoolean()) {
                        ask(door, question);
                    }
                }));
            }
        }
        return this;
    }

    private void ask(Door door, Question question) {
        try {
            check.accept(doors.ask(door, question).get());
            answered.incrementAndGet();
        } catch (ExecutionException e) {
            failures.add(door + " " + question.model() + ": " + e.getCause());
        } catch (AssertionError e) {
            failures.add(door + " " + question.model() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failures.add("interrupted");
        }
    }

    /** Waits until that many more calls have been answered. */
    void awaitMore(int calls) {
        long goal = answered.get() + calls;
        Awaitility.await().until(() -> answered.get() >= goal || !failures.isEmpty());
    }

    /** Waits for the clients to end by themselves. */
    void awaitEnd() {
        for (Future<?> client : clients) {
            try {
                client.get();
            } catch (ExecutionException e) {
                throw new AssertionError(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    long answered() {
        return answered.get();
    }

    /** What went wrong, the first few of it. */
    Collection<String> failures() {
        return failures.stream().limit(20).toList();
    }

    /** Lets the calls under way end. */
    @Override
    public void close() {
        stopped = true;
        awaitEnd();
        threads.shutdown();
    }
}
