package turnout.gateway.edge.openinference;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
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
import turnout.bench.Moved;
import turnout.bench.Picture;
import turnout.protocol.codec.TensorProtos;
import turnout.protocol.openinference.InferTensorContents;
import turnout.protocol.openinference.ModelInferRequest;
import turnout.protocol.openinference.ModelInferRequest.InferInputTensor;
import turnout.protocol.tensorflow.TensorProto;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/**
 * What do tensors in protobuf cost, from and to the bytes on the wire, beside copying these bytes?
 *
 * <p>MB of tensor per second; run by {@link turnout.bench.CodecReport}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class TensorCodecBenchmark {
    private static final Signature SIGNATURE = Signature.of(
            Signature.DEFAULT,
            List.of(TensorSpec.of("x", DataType.FP32, -1, -1)),
            List.of(TensorSpec.of("y", DataType.FP32, -1, -1)));

    /** Floats in the tensor: a few, and a photograph. */
    @Param({"8", "150528"})
    public int floats = 8;

    private byte[] numbers = new byte[0];
    private byte[] copy = new byte[0];
    private Tensor tensor = new Tensor(DataType.FP32, new long[] {0, 0}, ByteBuffer.allocate(0));
    private byte[] content = new byte[0];
    private byte[] list = new byte[0];
    private byte[] raw = new byte[0];
    private byte[] typed = new byte[0];

    /** Makes the messages. */
    @Setup
    public void setUp() {
        ByteBuffer picture = Picture.tensor(Picture.Spelling.SHORT).data();
        numbers = new byte[floats * Float.BYTES];
        picture.get(numbers);
        copy = new byte[numbers.length];
        tensor = new Tensor(DataType.FP32, new long[] {1, floats}, ByteBuffer.wrap(numbers));
        content = TensorProtos.encode(tensor).toByteArray();
        list = TensorProtos.encodeLists(tensor).toByteArray();
        InferInputTensor input = InferInputTensor.newBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addAllShape(List.of(1L, (long) floats))
                .build();
        raw = ModelInferRequest.newBuilder()
                .addInputs(input)
                .addRawInputContents(ByteString.copyFrom(numbers))
                .build()
                .toByteArray();
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        ByteBuffer data = tensor.data();
        while (data.hasRemaining()) {
            contents.addFp32Contents(data.getFloat());
        }
        typed = ModelInferRequest.newBuilder()
                .addInputs(input.toBuilder().setContents(contents))
                .build()
                .toByteArray();
    }

    /** The floor: the tensor's bytes, copied. */
    @Benchmark
    public byte[] byCopying(Moved moved) {
        moved.add(numbers.length);
        System.arraycopy(numbers, 0, copy, 0, numbers.length);
        return copy;
    }

    /** TensorFlow's message, numbers as bytes. */
    @Benchmark
    public Tensor readTensorContent(Moved moved) throws InvalidProtocolBufferException {
        moved.add(numbers.length);
        return TensorProtos.decode(TensorProto.parseFrom(UnsafeByteOperations.unsafeWrap(content)));
    }

    /** TensorFlow's message, numbers as a list. */
    @Benchmark
    public Tensor readFloatVal(Moved moved) throws InvalidProtocolBufferException {
        moved.add(numbers.length);
        return TensorProtos.decode(TensorProto.parseFrom(UnsafeByteOperations.unsafeWrap(list)));
    }

    /** To bytes. */
    @Benchmark
    public byte[] writeTensorContent(Moved moved) {
        moved.add(numbers.length);
        return TensorProtos.encode(tensor).toByteArray();
    }

    /** To bytes, numbers as a list. */
    @Benchmark
    public byte[] writeFloatVal(Moved moved) {
        moved.add(numbers.length);
        return TensorProtos.encodeLists(tensor).toByteArray();
    }

    /** The Open Inference Protocol's request, numbers as bytes. */
    @Benchmark
    public Map<String, Tensor> readRawContents(Moved moved) throws InvalidProtocolBufferException {
        moved.add(numbers.length);
        return bound(raw);
    }

    /** The Open Inference Protocol's request, numbers as a list. */
    @Benchmark
    public Map<String, Tensor> readTypedContents(Moved moved) throws InvalidProtocolBufferException {
        moved.add(numbers.length);
        return bound(typed);
    }

    private static Map<String, Tensor> bound(byte[] message) throws InvalidProtocolBufferException {
        MessageParts parts = MessageParts.of(ByteBuffer.wrap(message));
        ModelInferRequest request = ModelInferRequest.parseFrom(parts.head());
        return GrpcInputs.of(new Asked("m", ""), request, parts).bind(SIGNATURE);
    }
}
