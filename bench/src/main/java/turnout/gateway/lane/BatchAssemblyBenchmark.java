package turnout.gateway.lane;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import turnout.gateway.device.BufferPool;
import turnout.spi.DataType;
import turnout.spi.Tensor;

/**
 * What do joining and splitting a batch cost beside copying the same bytes once?
 *
 * <p>{@code java -cp 'bench/target/turnout-bench-0.1.0-SNAPSHOT.jar:bench/target/lib/*' org.openjdk.jmh.Main BatchAssembly -prof gc}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchAssemblyBenchmark {
    /** Floats in one row: the digits model's image, and a photograph of 224 by 224. */
    @Param({"64", "150528"})
    public int rowFloats;

    /** Calls that are joined, of one row each. */
    @Param({"1", "8", "32"})
    public int calls;

    private final BufferPool buffers = new BufferPool(1L << 30);
    private final BatchAssembler assembler = new BatchAssembler(buffers, Long.MAX_VALUE);
    private List<Map<String, Tensor>> inputs = List.of();
    private List<Long> rows = List.of();
    private byte[] source = new byte[0];
    private ByteBuffer target = ByteBuffer.allocate(0);

    /** Makes the calls. */
    @Setup
    public void setUp() {
        List<Map<String, Tensor>> made = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            byte[] row = new byte[rowFloats * Float.BYTES];
            Arrays.fill(row, (byte) i);
            made.add(Map.of("x", new Tensor(DataType.FP32, new long[] {1, rowFloats}, ByteBuffer.wrap(row))));
        }
        inputs = made;
        rows = Collections.nCopies(calls, 1L);
        source = new byte[calls * rowFloats * Float.BYTES];
        target = ByteBuffer.allocateDirect(source.length);
    }

    /** The naive rival: the bytes, once, from one array to native memory. */
    @Benchmark
    public ByteBuffer copyOnce() {
        return target.clear().put(source);
    }

    /** Join into leased native memory. */
    @Benchmark
    public int join() {
        BatchAssembler.Joined joined = assembler.join(inputs, 0);
        int size = joined.inputs().size();
        joined.release();
        return size;
    }

    /** Join, then split what came out into heap arrays per call. */
    @Benchmark
    public int joinAndSplit() {
        BatchAssembler.Joined joined = assembler.join(inputs, 0);
        int size = assembler.split(joined.inputs(), rows, calls).size();
        joined.release();
        return size;
    }
}
