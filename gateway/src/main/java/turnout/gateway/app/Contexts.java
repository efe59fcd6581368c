package turnout.gateway.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.spi.BackendContext;
import turnout.spi.Buffers;
import turnout.spi.Ticker;

/** Makes what each backend is lent: a scratch directory of its own, everything else shared. */
final class Contexts implements Function<String, BackendContext> {
    private static final Logger log = LoggerFactory.getLogger(Contexts.class);

    private final Ticker ticker;
    private final Buffers buffers;
    private final int cores;
    private final ExecutorService workers;
    private final List<Path> directories = new CopyOnWriteArrayList<>();

    Contexts(Ticker ticker, Buffers buffers, int cores) {
        this.ticker = ticker;
        this.buffers = buffers;
        this.cores = cores;
        AtomicInteger serial = new AtomicInteger();
        this.workers = Executors.newFixedThreadPool(Math.max(2, cores), task -> {
            Thread thread = new Thread(task, "turnout-backend-" + serial.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public BackendContext apply(String platform) {
        try {
            Path scratch = Files.createTempDirectory("turnout-" + platform + "-");
            directories.add(scratch);
            return new BackendContext(workers, scratch, ticker, buffers, cores);
        } catch (IOException e) {
            throw new UncheckedIOException("no scratch directory for backend " + platform, e);
        }
    }

    /** Removes what the backends left in their directories. */
    void close() {
        for (Path directory : directories) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            } catch (IOException e) {
                log.debug("{} could not be removed", directory, e);
            }
        }
        workers.shutdown();
    }
}
