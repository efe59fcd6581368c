package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.RefusedException;
import turnout.protocol.codec.TensorProtos;
import turnout.protocol.tensorflow.DataType;
import turnout.protocol.tensorflow.TensorProto;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

class ProtoInputsTest {
    private static final Signature SIGNATURE =
            Signature.of(Signature.DEFAULT, List.of(TensorSpec.of("x", turnout.spi.DataType.FP32, -1)), List.of());

    /** One number that stands for so many. */
    private static ProtoInputs repeating(long elements) {
        return new ProtoInputs(Map.of(
                "x",
                TensorProto.newBuilder()
                        .setDtype(DataType.DT_FLOAT)
                        .setTensorShape(TensorProtos.shapeProto(new long[] {elements}))
                        .addFloatVal(1)
                        .build()));
    }

    @Test
    void aNumberIsRepeatedUpToAMebibyteWhateverTheRequest() {
        Map<String, Tensor> tensors = repeating(250_000).bind(SIGNATURE);
        assertThat(tensors.get("x"))
                .satisfies(tensor -> assertThat(tensor.byteSize()).isEqualTo(1_000_000));
    }

    @Test
    void aNumberIsNotRepeatedOutOfProportionToTheRequest() {
        assertThatThrownBy(() -> repeating(1_000_000).bind(SIGNATURE))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("tensor parsing error: x");
    }
}
