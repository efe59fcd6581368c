package turnout.gateway.lifecycle;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import turnout.spi.Buffers;
import turnout.spi.Cancellation;
import turnout.spi.DataType;
import turnout.spi.Deadline;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.Servable;
import turnout.spi.Shapes;
import turnout.spi.Signature;
import turnout.spi.StringElements;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.spi.Ticker;

/** Runs requests that no caller made on a servable that takes no calls yet. Blocks; used by one load thread. */
final class TrialRun {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Servable servable;
    private final Buffers buffers;
    private final Ticker ticker;

    TrialRun(Servable servable, Buffers buffers, Ticker ticker) {
        this.servable = servable;
        this.buffers = buffers;
        this.ticker = ticker;
    }

    /**
     * Makes inputs.
     *
     * @param seed inputs of different seeds differ
     * @return on the heap, by name; empty when they would be too large to be worth a try
     */
    static Optional<Map<String, Tensor>> inputs(Signature signature, SyntheticInputs recipe, int rows, int seed) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (TensorSpec spec : signature.inputs().values()) {
            Optional<long[]> shape = recipe.shape(spec, rows);
            if (shape.isEmpty()) {
                return Optional.empty();
            }
            int count = Math.toIntExact(Shapes.elements(shape.get()));
            inputs.put(spec.name(), new Tensor(spec.type(), shape.get(), recipe.elements(spec.type(), count, seed)));
        }
        return Optional.of(inputs);
    }

    /** One after the other along axis 0. */
    static Map<String, Tensor> joined(Map<String, Tensor> first, Map<String, Tensor> second) {
        Map<String, Tensor> joined = new LinkedHashMap<>();
        first.forEach((name, a) -> {
            Tensor b = second.get(name);
            if (b == null) {
                throw new IllegalArgumentException("the second has no tensor " + name);
            }
            long[] shape = a.shape().clone();
            shape[0] += b.rows();
            ByteBuffer data = ByteBuffer.allocate(a.byteSize() + b.byteSize());
            joined.put(
                    name,
                    new Tensor(a.type(), shape, data.put(a.data()).put(b.data()).flip()));
        });
        return joined;
    }

    /**
     * Runs one request.
     *
     * @return the outputs, on the heap
     * @throws InferenceException as the servable fails
     */
    Map<String, Tensor> run(Signature signature, Map<String, Tensor> inputs) {
        return run(signature, inputs, List.copyOf(signature.outputs().keySet()));
    }

    /** As {@link #run(Signature, Map)}, for some outputs. */
    Map<String, Tensor> run(Signature signature, Map<String, Tensor> inputs, List<String> wanted) {
        List<Buffers.Lease> leases = new ArrayList<>();
        try {
            Map<String, Tensor> direct = new LinkedHashMap<>();
            inputs.forEach((name, tensor) -> {
                Buffers.Lease lease = buffers.lease(tensor.byteSize());
                leases.add(lease);
                lease.buffer().put(tensor.data()).flip();
                direct.put(name, new Tensor(tensor.type(), tensor.shape(), lease.buffer()));
            });
            InferenceRequest request = new InferenceRequest(
                    signature, direct, wanted, Map.of(), Deadline.after(PATIENCE, ticker), Cancellation.NEVER);
            try (InferenceResponse response = await(servable.infer(request).toCompletableFuture())) {
                Map<String, Tensor> outputs = new LinkedHashMap<>();
                response.outputs().forEach((name, tensor) -> outputs.put(name, copy(tensor)));
                return outputs;
            }
        } finally {
            leases.forEach(Buffers.Lease::close);
        }
    }

    /** Strings of one row count differently from numbers: the bytes that some rows of an output take. */
    static ByteBuffer rows(Tensor tensor, long from, long count) {
        ByteBuffer data = tensor.data();
        long perRow = tensor.rows() == 0 ? 0 : tensor.elements() / tensor.rows();
        int start = bytes(tensor.type(), data, from * perRow);
        ByteBuffer rest = data.slice(start, data.remaining() - start);
        return rest.slice(0, bytes(tensor.type(), rest, count * perRow));
    }

    private static int bytes(DataType type, ByteBuffer data, long elements) {
        return type.isFixedWidth() ? Math.toIntExact(elements * type.width()) : StringElements.byteSize(data, elements);
    }

    private static Tensor copy(Tensor tensor) {
        ByteBuffer data = ByteBuffer.allocate(tensor.byteSize());
        return new Tensor(tensor.type(), tensor.shape(), data.put(tensor.data()).flip());
    }

    private static InferenceResponse await(CompletableFuture<InferenceResponse> run) {
        try {
            return run.get(PATIENCE.toSeconds() + 10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof InferenceException failure
                    ? failure
                    : new InferenceException(ErrorCode.INTERNAL, "a trial run failed", e.getCause());
        } catch (TimeoutException e) {
            throw new InferenceException(ErrorCode.INTERNAL, "a trial run did not end");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InferenceException(ErrorCode.CANCELLED, "the server is shutting down");
        }
    }
}
