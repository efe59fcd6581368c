package turnout.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.testkit.TensorAssert.assertThatTensor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import turnout.spi.Backend;
import turnout.spi.BackendContext;
import turnout.spi.BackendProvider;
import turnout.spi.Buffers;
import turnout.spi.Cancellation;
import turnout.spi.Capability;
import turnout.spi.DataType;
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

/** Plays the gateway for {@link BackendContractTest}: lends what a backend needs, loads versions and runs calls as the gateway would. */
final class ContractHost implements AutoCloseable {
    // Far beyond any run of the contract, so that a hang becomes a failure.
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Ticker ticker = Ticker.system();
    private final TestBuffers buffers = new TestBuffers();
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4, ContractHost::daemon);
    private final Device device;
    private final Backend backend;

    ContractHost(BackendProvider provider, Path scratch, Device device) {
        this.device = device;
        this.backend = provider.create(new BackendContext(
                threads, scratch, ticker, buffers, Runtime.getRuntime().availableProcessors()));
    }

    Backend backend() {
        return backend;
    }

    boolean claims(Capability capability) {
        return backend.capabilities().contains(capability);
    }

    /** Whether tensors of that type are claimed, by a capability or because every backend must carry them. */
    boolean carries(DataType type) {
        return switch (type) {
            case BYTES -> claims(Capability.STRINGS);
            case FP16, BF16 -> claims(Capability.HALF_FLOATS);
            case UINT16, UINT32, UINT64 -> claims(Capability.WIDE_UNSIGNED);
            case BOOL, UINT8, INT8, INT16, INT32, INT64, FP32, FP64 -> true;
        };
    }

    TestBuffers buffers() {
        return buffers;
    }

    Deadline in(Duration duration) {
        return Deadline.after(duration, ticker);
    }

    /** Does something later, on another thread. */
    void after(Duration delay, Runnable action) {
        Future<?> ignored = threads.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    LoadRequest loadRequest(Path location, Device where) {
        return new LoadRequest(new ModelVersion("contract", 1), location, Options.empty(), where, 1);
    }

    Loader loader(Path location) {
        return backend.loader(loadRequest(location, device));
    }

    Version load(Path location) {
        Loader loader = loader(location);
        return new Version(loader, loader.load());
    }

    @Override
    public void close() {
        backend.close();
        threads.shutdownNow();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "contract");
        thread.setDaemon(true);
        return thread;
    }

    /** A loaded version. */
    final class Version implements AutoCloseable {
        private final Loader loader;
        private final Servable servable;

        private Version(Loader loader, Servable servable) {
            this.loader = loader;
            this.servable = servable;
        }

        Servable servable() {
            return servable;
        }

        Signature signature(String name) {
            Signature signature = servable.signatures().get(name);
            assertThat(signature).as("signature " + name).isNotNull();
            return signature;
        }

        /** Runs an example's call and gives all outputs that it expects. */
        Map<String, Tensor> run(ContractModels.Example example) {
            return run(example, Cancellation.NEVER);
        }

        Map<String, Tensor> run(ContractModels.Example example, Cancellation cancellation) {
            List<String> outputs = List.copyOf(example.outputs().keySet());
            return run(example.signature(), example.inputs(), outputs, in(PATIENCE), cancellation);
        }

        /** Runs the odd call of a pair, which must fail. */
        InferenceException failureOf(ContractModels.Pair pair, Deadline deadline, Cancellation cancellation) {
            ContractModels.Example good = pair.good();
            List<String> outputs = List.copyOf(good.outputs().keySet());
            return ContractChecks.failure(() -> run(good.signature(), pair.odd(), outputs, deadline, cancellation));
        }

        /** Runs a call that nobody cancels and that has all the time it needs. */
        Map<String, Tensor> run(String signature, Map<String, Tensor> inputs, List<String> outputs) {
            return run(signature, inputs, outputs, in(PATIENCE), Cancellation.NEVER);
        }

        /**
         * Runs one call and waits for its end.
         *
         * @return copies of the outputs, after the input buffers were given back and the response was closed
         * @throws InferenceException as the run failed, thrown or by its stage
         */
        Map<String, Tensor> run(
                String signature,
                Map<String, Tensor> inputs,
                List<String> outputs,
                Deadline deadline,
                Cancellation cancellation) {
            List<Buffers.Lease> leases = new ArrayList<>();
            Map<String, Tensor> lent = lend(buffers, inputs, leases);
            InferenceRequest request =
                    new InferenceRequest(signature(signature), lent, outputs, Map.of(), deadline, cancellation);
            InferenceResponse response = null;
            try {
                response = await(request);
                inputs.forEach((name, tensor) ->
                        assertThatTensor(request.inputs().get(name)).isSameAs(tensor));
            } finally {
                // Before the outputs are read: once the stage is complete they must not depend on the inputs' memory.
                leases.forEach(Buffers.Lease::close);
            }
            return readAndClose(response, outputs);
        }

        /** Sends a tensor through an identity model. */
        Tensor echo(ContractModels.Identity model, Tensor tensor) {
            Tensor answer = run(model.signature(), Map.of(model.input(), tensor), List.of(model.output()))
                    .get(model.output());
            if (answer == null) {
                throw new AssertionError("no output " + model.output());
            }
            return answer;
        }

        void assertEchoes(ContractModels.Identity model, Tensor tensor) {
            assertThatTensor(echo(model, tensor)).isSameAs(tensor);
        }

        /** Runs a call whose inputs lie in memory that is never reused; the caller closes the response. */
        InferenceResponse open(String signature, Map<String, Tensor> inputs, List<String> outputs) {
            Map<String, Tensor> lent = lend(new TestBuffers(), inputs, new ArrayList<>());
            return await(new InferenceRequest(
                    signature(signature), lent, outputs, Map.of(), in(PATIENCE), Cancellation.NEVER));
        }

        @Override
        public void close() {
            loader.unload();
        }

        private Map<String, Tensor> lend(TestBuffers from, Map<String, Tensor> inputs, List<Buffers.Lease> leases) {
            Map<String, Tensor> lent = new LinkedHashMap<>();
            inputs.forEach((name, tensor) -> {
                if (claims(Capability.NON_BLOCKING)) {
                    lent.put(name, Tensors.heapCopy(tensor));
                } else {
                    Buffers.Lease lease = from.lease(tensor.byteSize());
                    leases.add(lease);
                    lent.put(name, Tensors.in(lease, tensor));
                }
            });
            return lent;
        }

        private Map<String, Tensor> readAndClose(@Nullable InferenceResponse response, List<String> outputs) {
            assertThat(response).as("response").isNotNull();
            try (response) {
                assertThat(response.outputs().keySet())
                        .as("outputs, in the order asked for")
                        .containsExactlyElementsOf(outputs);
                Map<String, Tensor> copies = new LinkedHashMap<>();
                response.outputs().forEach((name, tensor) -> copies.put(name, Tensors.heapCopy(tensor)));
                return copies;
            }
        }

        private InferenceResponse await(InferenceRequest request) {
            try {
                return servable.infer(request).toCompletableFuture().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof InferenceException failure) {
                    throw failure;
                }
                throw new AssertionError("a run failed with something else than an InferenceException", e.getCause());
            } catch (TimeoutException e) {
                throw new AssertionError("a run did not end", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while a run was under way", e);
            }
        }
    }
}
