package turnout.backend.remote;

import turnout.spi.Availability;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.BackendProvider;
import turnout.spi.Options;

/** The way into the backend for remote TensorFlow Serving servers. */
public final class RemoteProvider implements BackendProvider {
    @Override
    public String platform() {
        return "remote";
    }

    @Override
    public Availability isAvailable() {
        return Availability.OK;
    }

    @Override
    public void checkOptions(Options options) {
        RemoteOptions.of(options);
    }

    @Override
    public Backend create(BackendContext context) {
        return new RemoteBackend(context.ticker());
    }
}
