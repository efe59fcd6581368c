package turnout.gateway.edge.openinference;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import turnout.bench.JacksonRival;
import turnout.bench.Moved;
import turnout.bench.Picture;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/**
 * What does an image as JSON cost at the Open Inference Protocol's door, beside copying its text and beside Jackson's tree?
 *
 * <p>MB of text per second; run by {@link turnout.bench.CodecReport}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class OipJsonBenchmark {
    private static final Signature SIGNATURE = Signature.of(
            Signature.DEFAULT,
            List.of(TensorSpec.of("x", DataType.FP32, -1, -1, -1, -1)),
            List.of(TensorSpec.of("y", DataType.FP32, -1, -1, -1, -1)));

    /** How the numbers are spelled. */
    @Param
    public Picture.Spelling spelling = Picture.Spelling.LONG;

    private final JacksonRival jackson = new JacksonRival();
    private byte[] question = new byte[0];
    private byte[] copy = new byte[0];
    private Map<String, Tensor> answer = Map.of();
    private byte[] answerText = new byte[0];

    /** Makes the texts. */
    @Setup
    public void setUp() {
        question = ("{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 224, 224, 3], \"data\": "
                        + Picture.flat(spelling) + "}]}")
                .getBytes(StandardCharsets.UTF_8);
        answer = Map.of("y", Picture.tensor(spelling));
        answerText = written().getBytes();
        copy = new byte[Math.max(question.length, answerText.length)];
    }

    /** The floor of reading: the text, copied. */
    @Benchmark
    public byte[] readByCopying(Moved moved) {
        moved.add(question.length);
        System.arraycopy(question, 0, copy, 0, question.length);
        return copy;
    }

    /** The naive rival. */
    @Benchmark
    public float[] readByJackson(Moved moved) throws IOException {
        moved.add(question.length);
        return jackson.read(question, "/inputs/0/data", Picture.FLOATS);
    }

    /** The door: the whole body checked, then read into the tensor's bytes. */
    @Benchmark
    public Map<String, Tensor> read(Moved moved) {
        moved.add(question.length);
        JsonRequest request = JsonRequest.read("m", question, question.length);
        return new JsonInputs(new Asked("m", ""), question, request.inputs()).bind(SIGNATURE);
    }

    /** The first half of {@link #read}. */
    @Benchmark
    public Object readOnlyChecking(Moved moved) {
        moved.add(question.length);
        return JsonRequest.read("m", question, question.length);
    }

    /** The floor of writing. */
    @Benchmark
    public byte[] writeByCopying(Moved moved) {
        moved.add(answerText.length);
        System.arraycopy(answerText, 0, copy, 0, answerText.length);
        return copy;
    }

    /** The naive rival; its text is not as long as ours, but as many numbers: so it counts as ours. */
    @Benchmark
    public byte[] writeByJackson(Moved moved) throws JsonProcessingException {
        moved.add(answerText.length);
        return jackson.write("data", answer.values().iterator().next());
    }

    /** The door. */
    @Benchmark
    public Buffer write(Moved moved) {
        moved.add(answerText.length);
        return written();
    }

    private Buffer written() {
        JsonWriter out = new JsonWriter().beginObject().key("data");
        answer.forEach((name, tensor) -> JsonOutput.write(name, tensor, out));
        return out.endObject().toBuffer();
    }
}
