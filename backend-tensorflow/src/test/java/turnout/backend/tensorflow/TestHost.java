package turnout.backend.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.Buffers;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;
import turnout.spi.Device;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.LoadRequest;
import turnout.spi.Loader;
import turnout.spi.ModelVersion;
import turnout.spi.Options;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.Ticker;
import turnout.testkit.Tensors;
import turnout.testkit.TestBuffers;

/** A backend with what the gateway would lend it. */
final class TestHost implements AutoCloseable {
    private final Ticker ticker;
    private final TestBuffers buffers = new TestBuffers();
    private final Backend backend;

    TestHost() {
        this(Ticker.system());
    }

    TestHost(Ticker ticker) {
        this.ticker = ticker;
        TensorFlowProvider provider = new TensorFlowProvider();
        assertThat(provider.isAvailable().problem()).isEmpty();
        backend = provider.create(new BackendContext(Runnable::run, Path.of("."), ticker, buffers, 2));
    }

    Loader loader(Path directory, Map<String, Object> options) {
        return backend.loader(new LoadRequest(
                new ModelVersion("m", 1), directory, new Options("tensorflow", options), Device.CPU, 1));
    }

    Loader loader(Path directory) {
        return loader(directory, Map.of());
    }

    /** Why a load fails. */
    InferenceException loadFailure(Path directory) {
        return failure(() -> loader(directory).load());
    }

    static InferenceException failure(ThrowingCallable action) {
        InferenceException failure = catchThrowableOfType(InferenceException.class, action);
        assertThat(failure).isNotNull();
        return failure;
    }

    Map<String, Tensor> run(Servable servable, Map<String, Tensor> inputs, String... outputs) {
        return run(
                servable, Signature.DEFAULT, inputs, List.of(outputs), in(Duration.ofMinutes(1)), Cancellation.NEVER);
    }

    Deadline in(Duration duration) {
        return Deadline.after(duration, ticker);
    }

    /** Runs a call as the gateway would and gives copies of its outputs. */
    Map<String, Tensor> run(
            Servable servable,
            String signature,
            Map<String, Tensor> inputs,
            List<String> outputs,
            Deadline deadline,
            Cancellation cancellation) {
        List<Buffers.Lease> leases = new ArrayList<>();
        Map<String, Tensor> lent = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> {
            Buffers.Lease lease = buffers.lease(tensor.byteSize());
            leases.add(lease);
            lent.put(name, Tensors.in(lease, tensor));
        });
        Signature known = servable.signatures().get(signature);
        assertThat(known).isNotNull();
        try (InferenceResponse response = servable.infer(
                        new InferenceRequest(known, lent, outputs, Map.of(), deadline, cancellation))
                .toCompletableFuture()
                .join()) {
            Map<String, Tensor> copies = new LinkedHashMap<>();
            response.outputs().forEach((name, tensor) -> copies.put(name, Tensors.heapCopy(tensor)));
            return copies;
        } catch (CompletionException e) {
            if (e.getCause() instanceof InferenceException failure) {
                throw failure;
            }
            throw e;
        } finally {
            leases.forEach(Buffers.Lease::close);
        }
    }

    @Override
    public void close() {
        backend.close();
    }
}
