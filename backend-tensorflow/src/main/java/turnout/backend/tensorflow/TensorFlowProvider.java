package turnout.backend.tensorflow;

import turnout.spi.Availability;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.BackendProvider;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Options;

/** The plugin's entry: TensorFlow SavedModels. */
public final class TensorFlowProvider implements BackendProvider {
    /** Called by the service loader. */
    public TensorFlowProvider() {}

    @Override
    public String platform() {
        return "tensorflow_savedmodel";
    }

    @Override
    public Availability isAvailable() {
        return NativeRuntime.load();
    }

    @Override
    public void checkOptions(Options options) {
        TensorFlowOptions.of(options);
    }

    @Override
    public Backend create(BackendContext context) {
        NativeRuntime.load().problem().ifPresent(problem -> {
            throw new InferenceException(ErrorCode.UNAVAILABLE, problem);
        });
        return new TensorFlowBackend(context);
    }
}
