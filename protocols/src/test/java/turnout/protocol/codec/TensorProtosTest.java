package turnout.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import turnout.protocol.tensorflow.DataType;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tensorflow.TensorShapeProto;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Shapes;
import turnout.spi.StringElements;
import turnout.spi.Tensor;

class TensorProtosTest {
    @ParameterizedTest
    @EnumSource
    void whatIsWrittenAsContentReadsBackTheSame(turnout.spi.DataType type) throws InvalidProtocolBufferException {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            Tensor tensor = randomTensor(type, random);
            assertThat(TensorProtos.decode(overTheWire(TensorProtos.encode(tensor))))
                    .matches(tensor::sameAs);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenAsListsReadsBackTheSame(turnout.spi.DataType type) throws InvalidProtocolBufferException {
        Random random = new Random(8);
        for (int round = 0; round < 200; round++) {
            Tensor tensor = randomTensor(type, random);
            TensorProto proto = TensorProtos.encodeLists(tensor);
            assertThat(proto.getTensorContent()).isEmpty();
            assertThat(TensorProtos.decode(overTheWire(proto))).matches(tensor::sameAs);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeOfOursHasAWireTypeThatLeadsBack(turnout.spi.DataType type) {
        assertThat(TensorProtos.dataType(TensorProtos.wireType(type))).contains(type);
    }

    @Test
    void contentWinsOverALonelyListValue() {
        TensorProto proto = proto(DataType.DT_FLOAT, 1)
                .setTensorContent(bytes(0, 0, 0x80, 0x3f))
                .addFloatVal(7)
                .build();
        assertThat(TensorProtos.decode(proto).data().getFloat()).isEqualTo(1f);
    }

    @Test
    void tooFewValuesRepeatTheLastOne() {
        TensorProto proto =
                proto(DataType.DT_INT32, 2, 3).addIntVal(5).addIntVal(-6).build();
        assertThat(ints(TensorProtos.decode(proto))).containsExactly(5, -6, -6, -6, -6, -6);
    }

    @Test
    void noValuesReadAsZeros() {
        assertThat(ints(TensorProtos.decode(proto(DataType.DT_INT32, 3).build())))
                .containsExactly(0, 0, 0);
    }

    @Test
    void tooManyValuesAreCut() {
        TensorProto proto =
                proto(DataType.DT_INT32, 1).addIntVal(5).addIntVal(-6).build();
        assertThat(ints(TensorProtos.decode(proto))).containsExactly(5);
    }

    @Test
    void anEmptyTensorNeedsNoValuesAndCutsThoseItGets() {
        assertThat(TensorProtos.decode(proto(DataType.DT_FLOAT, 0, 4).build()).byteSize())
                .isZero();
        assertThat(TensorProtos.decode(
                                proto(DataType.DT_FLOAT, 0, 4).addFloatVal(1).build())
                        .byteSize())
                .isZero();
    }

    @Test
    void aScalarHasAnEmptyShape() {
        Tensor tensor = TensorProtos.decode(TensorProto.newBuilder()
                .setDtype(DataType.DT_DOUBLE)
                .addDoubleVal(2.5)
                .build());
        assertThat(tensor.shape()).isEmpty();
        assertThat(tensor.data().getDouble()).isEqualTo(2.5);
    }

    @Test
    void tooFewStringsRepeatTheLastOneAndNoneReadAsEmpty() {
        TensorProto some = proto(DataType.DT_STRING, 3)
                .addStringVal(ByteString.copyFromUtf8("a"))
                .addStringVal(ByteString.copyFromUtf8("bc"))
                .build();
        assertThat(strings(TensorProtos.decode(some))).containsExactly("a", "bc", "bc");
        assertThat(strings(TensorProtos.decode(proto(DataType.DT_STRING, 2).build())))
                .containsExactly("", "");
    }

    @Test
    void stringsInContentHaveTheirLengthsFirst() throws Exception {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(2);
        content.write(0);
        content.write(0xac); // 300 as a varint
        content.write(0x02);
        content.write("hi".getBytes(StandardCharsets.UTF_8));
        content.write("x".repeat(300).getBytes(StandardCharsets.UTF_8));
        TensorProto proto = proto(DataType.DT_STRING, 3)
                .setTensorContent(ByteString.copyFrom(content.toByteArray()))
                .build();
        assertThat(strings(TensorProtos.decode(proto))).containsExactly("hi", "", "x".repeat(300));
    }

    @ParameterizedTest
    @CsvSource({"0361", "02616263", "ff", "ffffffffffffffffff01", "016161", "0101616100"})
    void stringsInContentThatDoNotFitAreRefused(String hex) {
        TensorProto proto = proto(DataType.DT_STRING, 2)
                .setTensorContent(ByteString.fromHex(hex))
                .build();
        assertInvalid(proto).hasMessageContaining("does not hold exactly 2 string elements");
    }

    @Test
    void halvesCarryTheirBits() {
        TensorProto half =
                proto(DataType.DT_HALF, 2).addHalfVal(0x3c00).addHalfVal(0xfc00).build();
        ByteBuffer data = TensorProtos.decode(half).data();
        assertThat(data.getShort()).isEqualTo((short) 0x3c00);
        assertThat(data.getShort()).isEqualTo((short) 0xfc00);
    }

    @Test
    void smallIntegersAreNarrowedByCast() {
        TensorProto proto =
                proto(DataType.DT_UINT8, 2).addIntVal(200).addIntVal(300).build();
        ByteBuffer data = TensorProtos.decode(proto).data();
        assertThat(data.get()).isEqualTo((byte) 200);
        assertThat(data.get()).isEqualTo((byte) 44);
    }

    @Test
    void unsignedValuesAreListedWithoutASign() {
        Tensor tensor = new Tensor(
                turnout.spi.DataType.UINT16, new long[] {1}, ByteBuffer.wrap(new byte[] {(byte) 0xff, (byte) 0xff}));
        assertThat(TensorProtos.encodeLists(tensor).getIntValList()).containsExactly(65535);
    }

    @Test
    void contentOfTheWrongLengthIsRefused() {
        assertInvalid(proto(DataType.DT_FLOAT, 2)
                        .setTensorContent(bytes(1, 2, 3, 4))
                        .build())
                .hasMessageContaining("expected 8 bytes for shape [2] of FP32, got 4");
    }

    @Test
    void aFewBytesCannotBecomeGigabytes() {
        assertInvalid(proto(DataType.DT_FLOAT, 500_000_000).addFloatVal(1).build())
                .hasMessageContaining("1 values for 500000000 elements");
        assertInvalid(proto(DataType.DT_STRING, 30_000_000)
                .addStringVal(ByteString.copyFromUtf8("abc"))
                .build());
        assertInvalid(proto(DataType.DT_FLOAT, 1L << 62).build());
        assertInvalid(proto(DataType.DT_FLOAT, 1L << 40, 1L << 40).build());
        assertInvalid(proto(DataType.DT_STRING, 2_000_000_000)
                .setTensorContent(bytes(0, 0))
                .build());
    }

    @Test
    void theFillBudgetIsTheCallersToSet() {
        TensorProto proto = proto(DataType.DT_FLOAT, 10).addFloatVal(1).build();
        assertThat(TensorProtos.decode(proto, 36).byteSize()).isEqualTo(40);
        assertThatThrownBy(() -> TensorProtos.decode(proto, 35)).isInstanceOf(InferenceException.class);
    }

    @Test
    void shapesThatCannotBeAreRefused() {
        assertInvalid(proto(DataType.DT_FLOAT, -1).build()).hasMessageContaining("negative");
        assertInvalid(proto(DataType.DT_FLOAT, new long[33]).build()).hasMessageContaining("rank 33");
        assertInvalid(TensorProto.newBuilder()
                        .setDtype(DataType.DT_FLOAT)
                        .setTensorShape(TensorShapeProto.newBuilder().setUnknownRank(true))
                        .build())
                .hasMessageContaining("unknown rank");
    }

    @Test
    void typesThatAreNotCarriedAreUnsupportedAndMissingOnesInvalid() {
        assertThatThrownBy(() -> TensorProtos.decode(
                        proto(DataType.DT_COMPLEX64, 1).addScomplexVal(1).build()))
                .isInstanceOfSatisfying(
                        InferenceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED))
                .hasMessageContaining("DT_COMPLEX64");
        assertInvalid(TensorProto.newBuilder().addFloatVal(1).build());
        assertInvalid(TensorProto.newBuilder().setDtypeValue(77).build());
    }

    @Test
    void numbersInContentAreNotCopied() {
        TensorProto proto =
                proto(DataType.DT_INT64, 1).setTensorContent(bytes(new int[8])).build();
        assertThat(TensorProtos.decode(proto).byteSize()).isEqualTo(8);
        Tensor direct = new Tensor(
                turnout.spi.DataType.INT32,
                new long[] {1},
                ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 9));
        assertThat(TensorProtos.encode(direct).getTensorContent()).isEqualTo(bytes(9, 0, 0, 0));
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertInvalid(
            TensorProto proto) {
        return assertThatThrownBy(() -> TensorProtos.decode(proto))
                .isInstanceOfSatisfying(
                        InferenceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT));
    }

    private static TensorProto.Builder proto(DataType type, long... shape) {
        return TensorProto.newBuilder().setDtype(type).setTensorShape(TensorProtos.shapeProto(shape));
    }

    private static TensorProto overTheWire(TensorProto proto) throws InvalidProtocolBufferException {
        return TensorProto.parseFrom(proto.toByteArray());
    }

    private static Tensor randomTensor(turnout.spi.DataType type, Random random) {
        long[] shape = new long[random.nextInt(4)];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = random.nextInt(5);
        }
        if (type == turnout.spi.DataType.BYTES) {
            List<byte[]> elements = new ArrayList<>();
            for (long i = Shapes.elements(shape); i > 0; i--) {
                byte[] element = new byte[random.nextInt(200)];
                random.nextBytes(element);
                elements.add(element);
            }
            return new Tensor(type, shape, StringElements.write(elements));
        }
        byte[] data = new byte[Shapes.byteSize(type, shape)];
        random.nextBytes(data);
        if (type == turnout.spi.DataType.BOOL) {
            for (int i = 0; i < data.length; i++) {
                data[i] = (byte) (data[i] & 1);
            }
        }
        return new Tensor(type, shape, ByteBuffer.wrap(data));
    }

    private static List<Integer> ints(Tensor tensor) {
        List<Integer> values = new ArrayList<>();
        for (ByteBuffer data = tensor.data(); data.hasRemaining(); ) {
            values.add(data.getInt());
        }
        return values;
    }

    private static List<String> strings(Tensor tensor) {
        return StringElements.read(tensor.data()).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .toList();
    }

    private static ByteString bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteString.copyFrom(bytes);
    }
}
