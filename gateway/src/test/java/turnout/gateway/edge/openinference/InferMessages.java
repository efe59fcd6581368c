package turnout.gateway.edge.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import turnout.gateway.call.RefusedException;
import turnout.protocol.openinference.ModelInferRequest;
import turnout.spi.DataType;
import turnout.spi.Shapes;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.testkit.Spending;

/** Messages of gRPC inferences, typed and raw: each becomes tensors of the size that their shape says, or is refused. */
public final class InferMessages {
    private InferMessages() {}

    /** Reads a message, and decodes its inputs for a model that has just these. */
    public static void fuzzerTestOneInput(byte[] message) {
        Spending.ofReading(message.length, () -> read(message));
    }

    private static void read(byte[] message) {
        try {
            MessageParts parts = MessageParts.of(ByteBuffer.wrap(message).asReadOnlyBuffer());
            ModelInferRequest request = ModelInferRequest.parseFrom(parts.head());
            Asked.version(request.getModelVersion());
            Map<String, TensorSpec> inputs = new LinkedHashMap<>();
            for (ModelInferRequest.InferInputTensor input : request.getInputsList()) {
                DataType.named(input.getDatatype())
                        .ifPresent(type -> inputs.put(input.getName(), TensorSpec.of(input.getName(), type, -1)));
            }
            Signature signature = Signature.of(Signature.DEFAULT, List.copyOf(inputs.values()), List.of());
            Map<String, Tensor> tensors = GrpcInputs.of(
                            new Asked(request.getModelName(), request.getId()), request, parts)
                    .bind(signature);
            tensors.values().forEach(InferMessages::checkSize);
        } catch (RefusedException e) {
            assertThat(e.refusal().message()).isNotBlank();
        } catch (InvalidProtocolBufferException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static void checkSize(Tensor tensor) {
        long width = tensor.type().isFixedWidth() ? tensor.type().width() : Integer.BYTES;
        assertThat((long) tensor.byteSize()).isGreaterThanOrEqualTo(width * Shapes.elements(tensor.shape()));
    }
}
