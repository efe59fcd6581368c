package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import turnout.gateway.call.RefusedException;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.protocol.tfserving.ReloadConfigRequest;
import turnout.testkit.Spending;

/** Messages that say which models to serve: each becomes a list of models, or is refused. */
public final class ReloadMessages {
    private ReloadMessages() {}

    /** Reads a message. */
    public static void fuzzerTestOneInput(byte[] message) {
        Spending.ofReading(message.length, () -> read(message));
    }

    private static void read(byte[] message) {
        try {
            ReloadConfigRequest request = Messages.parse(ReloadConfigRequest.parser(), ByteBuffer.wrap(message));
            for (ServedModel model : ReloadRequests.models(request.getConfig())) {
                assertThat(model.name()).isNotBlank();
                assertThat(model.basePath()).isAbsolute();
            }
        } catch (RefusedException e) {
            assertThat(e.refusal().message()).isNotBlank();
        }
    }
}
