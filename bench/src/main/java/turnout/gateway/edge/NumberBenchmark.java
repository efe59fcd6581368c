package turnout.gateway.edge;

import ch.randelshofer.fastdoubleparser.JavaFloatParser;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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
import turnout.bench.Moved;
import turnout.bench.Picture;

/**
 * Why are floats read by hand? A flat list of them, without anything around it, by {@link NumberText} and by a loop that finds each number
 * and hands it to the library.
 *
 * <p>MB of text per second; run by {@link turnout.bench.CodecReport}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class NumberBenchmark {
    /** How the numbers are spelled. */
    @Param
    public Picture.Spelling spelling = Picture.Spelling.LONG;

    private final byte[] floats = new byte[Picture.FLOATS * Float.BYTES];
    private final ByteBuffer view = ByteBuffer.wrap(floats).order(ByteOrder.LITTLE_ENDIAN);
    private byte[] text = new byte[0];
    private byte[] copy = new byte[0];

    /** Makes the text. */
    @Setup
    public void setUp() {
        text = Picture.flat(spelling).getBytes(StandardCharsets.UTF_8);
        copy = new byte[text.length];
    }

    /** The floor. */
    @Benchmark
    public byte[] readByCopying(Moved moved) {
        moved.add(text.length);
        System.arraycopy(text, 0, copy, 0, text.length);
        return copy;
    }

    /** By the library. */
    @Benchmark
    public byte[] readByLibrary(Moved moved) {
        moved.add(text.length);
        view.clear();
        int start = 1;
        for (int at = 1; at < text.length; at++) {
            if (text[at] == ',' || text[at] == ']') {
                view.putFloat(JavaFloatParser.parseFloat(text, start, at - start));
                start = at + 2;
            }
        }
        return floats;
    }

    /** By hand. */
    @Benchmark
    public byte[] read(Moved moved) {
        moved.add(text.length);
        NumberText numbers = new NumberText(text, text.length);
        view.clear();
        int at = 1;
        while (true) {
            int count = numbers.readFloats(at, floats, view.position(), view.remaining() / Float.BYTES);
            view.position(view.position() + count * Float.BYTES);
            at = numbers.position();
            if (count == 0) {
                at = numbers.read(at);
                view.putFloat(numbers.toFloat());
            }
            if (text[at] == ']') {
                return floats;
            }
            at += 2;
        }
    }
}
