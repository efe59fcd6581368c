package turnout.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import turnout.spi.DataType;

/** Fails first when a new ONNX Runtime has changed inside. */
class WideUnsignedTest {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final WideUnsigned wideUnsigned = WideUnsigned.find(environment).orElseThrow();

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"UINT16", "UINT32", "UINT64"})
    void aTensorLiesInTheBufferAndIsOfItsType(DataType type) throws Exception {
        ByteBuffer whole = ByteBuffer.allocateDirect(64).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer part = whole.position(16).limit(16 + 2 * type.width());
        try (OnnxTensor tensor = wideUnsigned.over(part, type, new long[] {2})) {
            whole.clear().put(16, (byte) 0xFE).put(16 + type.width(), (byte) 7);
            assertThat(ElementTypes.ofNative(tensor.getInfo().onnxType)).hasValue(type);
            ByteBuffer read = tensor.getByteBuffer();
            assertThat(read.remaining()).isEqualTo(2 * type.width());
            assertThat(read.get(0)).isEqualTo((byte) 0xFE);
            assertThat(read.get(type.width())).isEqualTo((byte) 7);
        }
    }

    @Test
    void theRuntimesOwnErrorComesThrough() {
        ByteBuffer tooShort = ByteBuffer.allocateDirect(2);
        assertThatThrownBy(() -> wideUnsigned.over(tooShort, DataType.UINT64, new long[] {4}))
                .isInstanceOf(OrtException.class);
    }

    @Test
    void typesWithAPublicWayAreNotForIt() {
        assertThatThrownBy(() -> wideUnsigned.over(ByteBuffer.allocateDirect(4), DataType.FP32, new long[] {1}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
