package turnout.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import turnout.protocol.tensorflow.SignatureDef;
import turnout.protocol.tensorflow.TensorInfo;
import turnout.protocol.tensorflow.TensorProto;
import turnout.protocol.tensorflow.TensorShapeProto;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

class SignatureDefsTest {
    @Test
    void aSignatureReadsBackAsItWasWritten() {
        Signature signature = Signature.of(
                "s",
                List.of(
                        new TensorSpec("a", DataType.FP32, new long[] {-1, 4}, "a_in:0"),
                        TensorSpec.of("b", DataType.BYTES)),
                List.of(TensorSpec.of("y", DataType.INT64, 3)));
        assertThat(SignatureDefs.decode("s", SignatureDefs.encode(signature))).isEqualTo(signature);
    }

    @Test
    void tensorsComeOutByNameWhateverTheOrderOnTheWire() {
        SignatureDef def = SignatureDef.newBuilder()
                .putInputs("z", info(turnout.protocol.tensorflow.DataType.DT_FLOAT))
                .putInputs("a", info(turnout.protocol.tensorflow.DataType.DT_INT8))
                .build();
        assertThat(SignatureDefs.decode("s", def).inputs().keySet()).containsExactly("a", "z");
    }

    @Test
    void anUnknownRankStaysUnknownBothWays() {
        TensorInfo info = TensorInfo.newBuilder()
                .setName("x:0")
                .setDtype(turnout.protocol.tensorflow.DataType.DT_FLOAT)
                .setTensorShape(TensorShapeProto.newBuilder().setUnknownRank(true))
                .build();
        Signature signature = SignatureDefs.decode(
                "s", SignatureDef.newBuilder().putInputs("x", info).build());
        TensorSpec spec = signature.input("x").orElseThrow();
        assertThat(spec.hasUnknownRank()).isTrue();
        assertThat(SignatureDefs.encode(spec)).isEqualTo(info);
    }

    @Test
    void inputsWithADefaultMayBeLeftOut() {
        SignatureDef def = SignatureDef.newBuilder()
                .putInputs("x", info(turnout.protocol.tensorflow.DataType.DT_FLOAT))
                .putDefaults("x", TensorProto.getDefaultInstance())
                .build();
        assertThat(SignatureDefs.decode("s", def).optionalInputs()).containsExactly("x");
    }

    @Test
    void aTensorWeDoNotCarryMakesTheSignatureUnsupportedAndIsNamed() {
        SignatureDef def = SignatureDef.newBuilder()
                .putInputs("x", info(turnout.protocol.tensorflow.DataType.DT_COMPLEX128))
                .build();
        assertThatThrownBy(() -> SignatureDefs.decode("s", def))
                .isInstanceOfSatisfying(
                        InferenceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED))
                .hasMessageContaining("\"x\" is DT_COMPLEX128");
        SignatureDef sparse = SignatureDef.newBuilder()
                .putInputs(
                        "x",
                        TensorInfo.newBuilder()
                                .setCooSparse(TensorInfo.CooSparse.getDefaultInstance())
                                .build())
                .build();
        assertThatThrownBy(() -> SignatureDefs.decode("s", sparse)).hasMessageContaining("sparse");
    }

    private static TensorInfo info(turnout.protocol.tensorflow.DataType type) {
        return TensorInfo.newBuilder()
                .setDtype(type)
                .setTensorShape(TensorShapeProto.getDefaultInstance())
                .build();
    }
}
