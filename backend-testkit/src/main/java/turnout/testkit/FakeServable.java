package turnout.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import turnout.spi.Cancellation;
import turnout.spi.DataType;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;

/**
 * A servable whose answers the test programs, and which remembers what it was asked. Runs on the calling thread. Safe for any thread as
 * long as its behaviour is.
 */
public final class FakeServable implements Servable {
    /** What a run answers: every output that was asked for, at least, on the heap; or an exception. */
    @FunctionalInterface
    public interface Behaviour extends Function<InferenceRequest, Map<String, Tensor>> {}

    private final Map<String, Signature> signatures;
    private final Behaviour behaviour;
    private final List<InferenceRequest> requests = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger peak = new AtomicInteger();
    private final AtomicInteger openResponses = new AtomicInteger();

    private FakeServable(List<Signature> signatures, Behaviour behaviour) {
        Map<String, Signature> byName = new LinkedHashMap<>();
        signatures.forEach(signature -> byName.put(signature.name(), signature));
        this.signatures = Map.copyOf(byName);
        this.behaviour = behaviour;
    }

    /** One signature, that behaviour. */
    public static FakeServable of(Signature signature, Behaviour behaviour) {
        return new FakeServable(List.of(signature), behaviour);
    }

    /** {@code x} comes back as {@code y}, with one row per instance. */
    public static FakeServable identity(DataType type) {
        return of(xToY(type), FakeServable::echo);
    }

    /** The signature of {@link #identity}: one input {@code x}, one output {@code y}, both of shape [-1]. */
    public static Signature xToY(DataType type) {
        return Signature.of(
                Signature.DEFAULT, List.of(TensorSpec.of("x", type, -1)), List.of(TensorSpec.of("y", type, -1)));
    }

    /** The same servable, whose runs wait at that gate before they do anything else. */
    public FakeServable behind(Gate gate) {
        return new FakeServable(List.copyOf(signatures.values()), request -> {
            gate.enter(request);
            return behaviour.apply(request);
        });
    }

    /** The same servable, whose runs fail where the function gives an exception and answer where it gives none. */
    public FakeServable failingWhen(Function<InferenceRequest, Optional<InferenceException>> failure) {
        return new FakeServable(List.copyOf(signatures.values()), request -> {
            failure.apply(request).ifPresent(exception -> {
                throw exception;
            });
            return behaviour.apply(request);
        });
    }

    @Override
    public Map<String, Signature> signatures() {
        return signatures;
    }

    @Override
    public CompletionStage<InferenceResponse> infer(InferenceRequest request) {
        remember(request);
        peak.accumulateAndGet(running.incrementAndGet(), Math::max);
        try {
            Map<String, Tensor> answers = behaviour.apply(request);
            Map<String, Tensor> wanted = new LinkedHashMap<>();
            for (String output : request.outputs()) {
                Tensor answer = answers.get(output);
                if (answer == null) {
                    throw new AssertionError("the fake's behaviour gives no output " + output);
                }
                wanted.put(output, answer);
            }
            openResponses.incrementAndGet();
            return CompletableFuture.completedFuture(new InferenceResponse(wanted, openResponses::decrementAndGet));
        } catch (InferenceException e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            running.decrementAndGet();
        }
    }

    /** The requests so far, in the order of their arrival; their tensors are copies. */
    public List<InferenceRequest> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** The greatest number of runs that were under way at once. */
    public int peakRuns() {
        return peak.get();
    }

    /** Responses that nobody has closed yet. */
    public int openResponses() {
        return openResponses.get();
    }

    /** Gives input i back as output i. */
    private static Map<String, Tensor> echo(InferenceRequest request) {
        List<String> inputs = List.copyOf(request.signature().inputs().keySet());
        List<String> outputs = List.copyOf(request.signature().outputs().keySet());
        Map<String, Tensor> answers = new LinkedHashMap<>();
        for (int i = 0; i < outputs.size(); i++) {
            Tensor input = request.inputs().get(inputs.get(i));
            if (input == null) {
                throw InferenceException.invalidInput("input \"" + inputs.get(i) + "\" is missing");
            }
            answers.put(outputs.get(i), Tensors.heapCopy(input));
        }
        return answers;
    }

    private void remember(InferenceRequest request) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        request.inputs().forEach((name, tensor) -> copies.put(name, Tensors.heapCopy(tensor)));
        synchronized (requests) {
            requests.add(new InferenceRequest(
                    request.signature(),
                    copies,
                    request.outputs(),
                    request.parameters(),
                    request.deadline(),
                    Cancellation.NEVER));
        }
    }
}
