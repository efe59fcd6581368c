package turnout.gateway.edge.openinference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.testkit.Spending;

/**
 * Bodies of REST inferences, JSON or JSON with bytes behind: each is read, numbers as Jackson reads them, or refused. The first line is the
 * header that says how much is JSON, with nothing on it where there is none.
 */
public final class InferBodies {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    private static final Signature ONE =
            Signature.of(Signature.DEFAULT, List.of(TensorSpec.of("x", DataType.FP32, -1, 2)), List.of());

    private InferBodies() {}

    /** Reads a body, and decodes its inputs for a model that has just these. */
    public static void fuzzerTestOneInput(byte[] input) {
        int line = 0;
        while (line < input.length && input[line] != '\n') {
            line++;
        }
        String header = new String(input, 0, line, StandardCharsets.ISO_8859_1);
        byte[] body = Arrays.copyOfRange(input, Math.min(input.length, line + 1), input.length);
        Spending.ofReading(input.length, () -> read(header.isEmpty() ? null : header, body));
    }

    private static void read(@Nullable String header, byte[] body) {
        try {
            int jsonBytes = RestInfer.jsonBytes(header, body);
            if (header != null && jsonBytes == 0) {
                new WholeBodyInput(new Asked("m", ""), body).bind(ONE);
                return;
            }
            JsonRequest request = JsonRequest.read("m", body, jsonBytes);
            Signature signature = Signature.of(
                    Signature.DEFAULT,
                    request.inputs().stream()
                            .map(input -> TensorSpec.of(input.name(), input.type(), -1))
                            .toList(),
                    List.of());
            Map<String, Tensor> tensors =
                    new JsonInputs(new Asked("m", request.id()), body, request.inputs()).bind(signature);
            for (JsonInput input : request.inputs()) {
                Optional.ofNullable(tensors.get(input.name()))
                        .filter(tensor -> !input.isBinary() && tensor.type() == DataType.FP32)
                        .ifPresent(tensor -> compare(tensor, body, input));
            }
        } catch (RefusedException e) {
            assertThat(e.refusal().message()).isNotBlank().hasSizeLessThan(4096);
        }
    }

    private static void compare(Tensor tensor, byte[] body, JsonInput input) {
        ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
        try (JsonParser parser = FACTORY.createParser(body, input.from(), input.to() - input.from())) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token.isNumeric()) {
                    float expected = Float.parseFloat(parser.getText());
                    assertThat(data.getInt()).isEqualTo(Float.floatToRawIntBits(expected));
                }
            }
        } catch (IOException e) {
            // Numbers longer than Jackson takes.
            return;
        }
        assertThat(data.hasRemaining()).isFalse();
    }
}
