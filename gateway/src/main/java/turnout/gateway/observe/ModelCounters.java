package turnout.gateway.observe;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import turnout.gateway.call.CacheOutcome;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.RunListener;
import turnout.gateway.call.StatisticsSource;
import turnout.gateway.call.VersionStatistics;
import turnout.gateway.call.VersionStatistics.Batches;
import turnout.gateway.call.VersionStatistics.Times;
import turnout.spi.ModelVersion;

/** The counters that the Open Inference Protocol's statistics show. They go on over reloads of a version. */
public final class ModelCounters implements AnswerListener, RunListener, StatisticsSource {
    private final Map<ModelVersion, Counters> versions = new ConcurrentHashMap<>();

    @Override
    public Optional<VersionStatistics> of(ModelVersion version) {
        return Optional.ofNullable(versions.get(version)).map(counters -> counters.snapshot(version));
    }

    /** Starts counting a version, so that one without calls shows zeros. */
    public void begin(ModelVersion version) {
        counters(version);
    }

    @Override
    public void executed(ModelVersion version, Execution run) {
        Counters counters = counters(version);
        counters.executions.increment();
        if (run.succeeded()) {
            counters.inferences.add(run.rows());
            counters.input.add(run.calls(), run.calls() * run.inputNanos());
            counters.infer.add(run.calls(), run.calls() * run.inferNanos());
            counters.output.add(run.calls(), run.calls() * run.outputNanos());
            counters.batch(run.rows()).add(run);
        }
    }

    @Override
    public void left(ModelVersion version, Exit exit) {
        // The statistics extension has no place for it; the metrics do.
    }

    @Override
    public void answered(Dialect dialect, CallRecord record, long nanos) {
        ModelVersion version = record.version();
        if (version == null) {
            return;
        }
        Counters counters = counters(version);
        if (record.refusal() != null) {
            counters.failure.add(1, nanos);
            return;
        }
        counters.success.add(1, nanos);
        counters.queue.add(
                1, record.cache() == CacheOutcome.HIT ? 0 : record.run().queueNanos());
        counters.last.set(System.currentTimeMillis());
        switch (record.cache()) {
            case HIT, JOINED -> counters.cacheHit.add(1, nanos);
            case MISS -> counters.cacheMiss.add(1, nanos);
            case OFF -> {}
        }
    }

    private Counters counters(ModelVersion version) {
        return versions.computeIfAbsent(version, key -> new Counters());
    }

    private static final class Counters {
        private static final int MOST_SIZES = 256;
        private static final long OTHER_SIZES = 0;

        private final AtomicLong last = new AtomicLong();
        private final LongAdder inferences = new LongAdder();
        private final LongAdder executions = new LongAdder();
        private final TimeCounter success = new TimeCounter();
        private final TimeCounter failure = new TimeCounter();
        private final TimeCounter queue = new TimeCounter();
        private final TimeCounter input = new TimeCounter();
        private final TimeCounter infer = new TimeCounter();
        private final TimeCounter output = new TimeCounter();
        private final TimeCounter cacheHit = new TimeCounter();
        private final TimeCounter cacheMiss = new TimeCounter();
        private final Map<Long, BatchCounters> batches = new ConcurrentHashMap<>();

        BatchCounters batch(long rows) {
            BatchCounters known = batches.get(rows);
            if (known != null) {
                return known;
            }
            // Clients choose the sizes of calls that run alone: beyond a bound they share one line.
            long line = batches.size() < MOST_SIZES ? rows : OTHER_SIZES;
            return batches.computeIfAbsent(line, key -> new BatchCounters());
        }

        VersionStatistics snapshot(ModelVersion version) {
            TreeMap<Long, Batches> sizes = new TreeMap<>();
            batches.forEach((rows, counters) -> sizes.put(rows, counters.snapshot()));
            return new VersionStatistics(
                    version,
                    last.get(),
                    inferences.sum(),
                    executions.sum(),
                    success.snapshot(),
                    failure.snapshot(),
                    queue.snapshot(),
                    input.snapshot(),
                    infer.snapshot(),
                    output.snapshot(),
                    cacheHit.snapshot(),
                    cacheMiss.snapshot(),
                    Collections.unmodifiableSortedMap(sizes));
        }
    }

    private static final class BatchCounters {
        private final TimeCounter input = new TimeCounter();
        private final TimeCounter infer = new TimeCounter();
        private final TimeCounter output = new TimeCounter();

        void add(RunListener.Execution run) {
            input.add(1, run.inputNanos());
            infer.add(1, run.inferNanos());
            output.add(1, run.outputNanos());
        }

        Batches snapshot() {
            return new Batches(input.snapshot(), infer.snapshot(), output.snapshot());
        }
    }

    private static final class TimeCounter {
        private final LongAdder count = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        void add(long events, long duration) {
            count.add(events);
            nanos.add(duration);
        }

        Times snapshot() {
            return new Times(count.sum(), nanos.sum());
        }
    }
}
