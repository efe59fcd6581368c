package turnout.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The ceiling: the session in a loop, one row a run, without any server.
 *
 * <p>Arguments: model file, {@code digits} or {@code steps=N} (what to feed), threads, seconds. Prints runs per second.
 */
public final class SessionLoop {
    private SessionLoop() {}

    /** Runs the loop and prints its rate. */
    public static void main(String[] arguments) throws OrtException, InterruptedException, ExecutionException {
        Path model = Path.of(arguments[0]);
        int threads = Integer.parseInt(arguments[2]);
        long nanos = TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[3]));
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            try (OrtSession session = environment.createSession(model.toString(), options);
                    Feed feed = Feed.of(environment, arguments[1])) {
                loop(session, feed, threads, nanos / 3);
                System.out.printf("%.1f%n", loop(session, feed, threads, nanos));
            }
        }
    }

    private static double loop(OrtSession session, Feed feed, int threads, long nanos)
            throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        long start = System.nanoTime();
        List<Future<Long>> counts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            counts.add(pool.submit(() -> {
                long count = 0;
                while (System.nanoTime() - start < nanos) {
                    session.run(feed.inputs()).close();
                    count++;
                }
                return count;
            }));
        }
        long runs = 0;
        for (Future<Long> count : counts) {
            runs += count.get();
        }
        pool.shutdown();
        return runs * 1e9 / (System.nanoTime() - start);
    }

    private record Feed(Map<String, OnnxTensor> inputs) implements AutoCloseable {
        static Feed of(OrtEnvironment environment, String what) throws OrtException {
            if (what.equals("digits")) {
                return new Feed(Map.of(
                        "image",
                        OnnxTensor.createTensor(environment, FloatBuffer.allocate(64), new long[] {1, 8, 8, 1})));
            }
            int steps = Integer.parseInt(what.substring("steps=".length()));
            return new Feed(Map.of(
                    "x", OnnxTensor.createTensor(environment, FloatBuffer.allocate(8), new long[] {1, 8}),
                    "n", OnnxTensor.createTensor(environment, IntBuffer.wrap(new int[] {steps}), new long[] {1})));
        }

        @Override
        public void close() {
            inputs.values().forEach(OnnxTensor::close);
        }
    }
}
