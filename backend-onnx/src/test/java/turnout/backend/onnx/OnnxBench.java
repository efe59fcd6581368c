package turnout.backend.onnx;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ForkJoinPool;
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

/** A backend with what the gateway would lend it, for tests that load and run. */
final class OnnxBench implements AutoCloseable {
    private final TestBuffers buffers = new TestBuffers();
    private final OnnxBackend backend;

    OnnxBench(Path scratch) {
        backend = new OnnxBackend(new BackendContext(
                ForkJoinPool.commonPool(),
                scratch,
                Ticker.system(),
                buffers,
                Runtime.getRuntime().availableProcessors()));
    }

    OnnxBackend backend() {
        return backend;
    }

    TestBuffers buffers() {
        return buffers;
    }

    Loader loader(Path directory) {
        return loader(directory, Options.empty(), 1);
    }

    Loader loader(Path directory, Options options, int threadsPerRun) {
        return backend.loader(new LoadRequest(new ModelVersion("m", 1), directory, options, Device.CPU, threadsPerRun));
    }

    InferenceException loadFailure(Path directory) {
        return failureOf(() -> loader(directory).load());
    }

    /** Runs the default signature for all its outputs. */
    Map<String, Tensor> run(Servable servable, Map<String, Tensor> inputs) {
        return run(servable, inputs, Deadline.after(Duration.ofMinutes(1), Ticker.system()), Cancellation.NEVER);
    }

    Map<String, Tensor> run(
            Servable servable, Map<String, Tensor> inputs, Deadline deadline, Cancellation cancellation) {
        Signature signature = servable.signatures().values().iterator().next();
        List<Buffers.Lease> leases = new ArrayList<>();
        Map<String, Tensor> lent = new LinkedHashMap<>();
        inputs.forEach((name, tensor) -> {
            Buffers.Lease lease = buffers.lease(tensor.byteSize());
            leases.add(lease);
            lent.put(name, Tensors.in(lease, tensor));
        });
        InferenceRequest request = new InferenceRequest(
                signature, lent, List.copyOf(signature.outputs().keySet()), Map.of(), deadline, cancellation);
        try (InferenceResponse response =
                servable.infer(request).toCompletableFuture().join()) {
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

    static InferenceException failureOf(Runnable action) {
        InferenceException failure = catchThrowableOfType(InferenceException.class, action::run);
        if (failure == null) {
            throw new AssertionError("expected an InferenceException, but it went well");
        }
        return failure;
    }

    @Override
    public void close() {
        backend.close();
        buffers.assertAllReturned();
    }
}
