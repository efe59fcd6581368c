package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import turnout.gateway.call.RefusedException;
import turnout.protocol.tensorflow.Example;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;
import turnout.testkit.Spending;

/** Bodies of REST classifies: each becomes rows that are examples, or is refused. */
public final class ExampleBodies {
    private static final Signature SIGNATURE = new Signature(
            Signature.DEFAULT,
            Method.CLASSIFY.wireName(),
            Signature.of("", List.of(TensorSpec.of("inputs", DataType.BYTES, -1)), List.of())
                    .inputs(),
            Map.of(),
            Set.of());

    private ExampleBodies() {}

    /** Reads a body and decodes its rows. */
    public static void fuzzerTestOneInput(byte[] body) {
        Spending.ofReading(body.length, () -> rows(body));
        for (ByteString row : rows(body).orElse(List.of())) {
            assertThatCode(() -> Example.parseFrom(row)).doesNotThrowAnyException();
        }
    }

    private static Optional<List<ByteString>> rows(byte[] body) {
        try {
            List<ByteString> rows = ExampleBody.parse(body, Method.CLASSIFY).examples();
            bind(rows);
            return Optional.of(rows);
        } catch (RefusedException e) {
            assertThat(e.refusal().message()).isNotBlank().hasSizeLessThan(4096);
            return Optional.empty();
        }
    }

    /** Decodes rows as the model's one input. */
    static void bind(List<ByteString> rows) {
        assertThat(new ExampleInputs(rows, Method.CLASSIFY).bind(SIGNATURE)).hasSize(1);
    }
}
