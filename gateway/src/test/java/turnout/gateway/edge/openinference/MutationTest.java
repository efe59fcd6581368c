package turnout.gateway.edge.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.RefusedException;
import turnout.protocol.openinference.InferTensorContents;
import turnout.protocol.openinference.ModelInferRequest;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

/** Well-formed requests with a few bytes changed: each is read or refused, and nothing else ever happens. */
class MutationTest {
    private static final int ROUNDS = 30_000;
    private static final Signature SIGNATURE = Signature.of(
            Signature.DEFAULT,
            List.of(
                    TensorSpec.of("x", DataType.FP32, -1),
                    TensorSpec.of("s", DataType.BYTES, -1),
                    TensorSpec.of("n", DataType.INT8, -1)),
            List.of());

    private final Random random = new Random(20_260);

    @Test
    void changedJsonIsReadOrRefused() {
        String json =
                "{\"id\":\"a\\u00e9\",\"parameters\":{\"timeout\":5,\"t\":0.5},\"inputs\":[{\"name\":\"x\",\"shape\":[2,1],"
                        + "\"datatype\":\"FP32\",\"data\":[[1.5],[-2e1]]},{\"name\":\"s\",\"shape\":[2],\"datatype\":\"BYTES\",\"data\":[\"é\","
                        + "\"\\n\\ud83d\\ude82\"]},{\"name\":\"n\",\"shape\":[3],\"datatype\":\"INT8\",\"parameters\":{\"binary_data_size\":3}}],"
                        + "\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":true}}],\"more\":{\"a\":[null,{}]}}";
        byte[] head = json.getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(head, head.length + 3);
        int read = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] changed = mutated(body);
            try {
                JsonRequest request = JsonRequest.read("m", changed, Math.min(head.length, changed.length));
                new JsonInputs(new Asked("m", request.id()), changed, request.inputs()).bind(SIGNATURE);
                read++;
            } catch (RefusedException e) {
                assertThat(e.refusal().message()).isNotBlank();
            }
        }
        assertThat(read).isPositive();
    }

    @Test
    void changedMessagesAreReadOrRefused() {
        byte[] raw = ModelInferRequest.newBuilder()
                .setModelName("m")
                .addInputs(input("x", DataType.FP32, 2))
                .addInputs(input("s", DataType.BYTES, 1))
                .addRawInputContents(ByteString.copyFrom(new byte[8]))
                .addRawInputContents(ByteString.copyFrom(new byte[] {2, 0, 0, 0, 'a', 'b'}))
                .build()
                .toByteArray();
        byte[] typed = ModelInferRequest.newBuilder()
                .setModelName("m")
                .addInputs(input("n", DataType.INT8, 3)
                        .setContents(InferTensorContents.newBuilder()
                                .addIntContents(1)
                                .addIntContents(-2)
                                .addIntContents(3)))
                .build()
                .toByteArray();
        int read = 0;
        for (int i = 0; i < ROUNDS; i++) {
            read += reads(mutated(i % 2 == 0 ? raw : typed)) ? 1 : 0;
        }
        assertThat(read).isPositive();
    }

    private static boolean reads(byte[] message) {
        try {
            MessageParts parts = MessageParts.of(ByteBuffer.wrap(message).asReadOnlyBuffer());
            ModelInferRequest request = ModelInferRequest.parseFrom(parts.head());
            GrpcInputs.of(new Asked(request.getModelName(), request.getId()), request, parts)
                    .bind(SIGNATURE);
            return true;
        } catch (RefusedException | InvalidProtocolBufferException e) {
            return false;
        }
    }

    private static ModelInferRequest.InferInputTensor.Builder input(String name, DataType type, long elements) {
        return ModelInferRequest.InferInputTensor.newBuilder()
                .setName(name)
                .setDatatype(type.name())
                .addShape(elements);
    }

    private byte[] mutated(byte[] original) {
        byte[] changed = original.clone();
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(changed.length);
            switch (random.nextInt(4)) {
                case 0 -> changed[at] = (byte) random.nextInt(256);
                case 1 -> changed[at] = original[random.nextInt(original.length)];
                case 2 -> changed[at] ^= (byte) (1 << random.nextInt(8));
                default -> changed = Arrays.copyOf(changed, Math.max(1, at));
            }
        }
        return changed;
    }
}
