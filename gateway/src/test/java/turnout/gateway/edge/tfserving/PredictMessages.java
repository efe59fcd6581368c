package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import turnout.gateway.call.RefusedException;
import turnout.protocol.codec.TensorProtos;
import turnout.protocol.tfserving.PredictRequest;
import turnout.spi.DataType;
import turnout.spi.Shapes;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.testkit.Spending;

/** Messages of gRPC predicts: each becomes tensors, which written and read again are the same, or is refused. */
public final class PredictMessages {
    private PredictMessages() {}

    /** Reads a message and decodes every tensor in it. */
    public static void fuzzerTestOneInput(byte[] message) {
        Spending.ofReading(message.length, () -> bound(message));
        for (Tensor tensor : bound(message).orElse(Map.of()).values()) {
            if (Shapes.elements(tensor.shape()) <= message.length) {
                assertThat(TensorProtos.decode(TensorProtos.encodeLists(tensor)).sameAs(tensor))
                        .as("%s again", tensor)
                        .isTrue();
            }
        }
    }

    private static Optional<Map<String, Tensor>> bound(byte[] message) {
        try {
            PredictRequest request = Messages.parse(PredictRequest.parser(), ByteBuffer.wrap(message));
            ModelSpecs.target(request.getModelSpec(), request.hasModelSpec());
            List<TensorSpec> inputs = request.getInputsMap().keySet().stream()
                    .filter(name -> !name.isEmpty())
                    .map(name -> TensorSpec.of(name, DataType.FP32, -1))
                    .toList();
            return Optional.of(
                    new ProtoInputs(request.getInputsMap()).bind(Signature.of(Signature.DEFAULT, inputs, List.of())));
        } catch (RefusedException e) {
            assertThat(e.refusal().message()).isNotBlank();
            return Optional.empty();
        }
    }
}
