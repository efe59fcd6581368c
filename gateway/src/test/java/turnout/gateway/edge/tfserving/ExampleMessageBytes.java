package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import turnout.gateway.call.RefusedException;
import turnout.protocol.tfserving.ClassificationRequest;
import turnout.testkit.Spending;

/** Messages of gRPC classifies: each becomes rows, or is refused. */
public final class ExampleMessageBytes {
    private ExampleMessageBytes() {}

    /** Reads a message and its rows. */
    public static void fuzzerTestOneInput(byte[] message) {
        Spending.ofReading(message.length, () -> read(message));
    }

    private static void read(byte[] message) {
        try {
            ClassificationRequest request = Messages.parse(ClassificationRequest.parser(), ByteBuffer.wrap(message));
            ExampleBodies.bind(ExampleMessages.rows(request.getInput()));
        } catch (RefusedException e) {
            assertThat(e.refusal().message()).isNotBlank();
        }
    }
}
