package turnout.backend.tensorflow;

import java.lang.ref.Reference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import turnout.spi.Cancellation;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.Ticker;

/** A loaded SavedModel. Runs in the calling thread, any number of calls at once. */
final class TensorFlowServable implements Servable {
    private final Map<String, Signature> signatures;
    private final Map<String, BoundSignature> bound;
    private final NativeSession session;
    private final Tripwire tripwire;
    private final RunWatch watch;
    private final Ticker ticker;
    private final boolean copyInputs;

    TensorFlowServable(
            Map<String, Signature> signatures,
            Map<String, BoundSignature> bound,
            NativeSession session,
            Tripwire tripwire,
            RunWatch watch,
            Ticker ticker,
            boolean copyInputs) {
        this.signatures = signatures;
        this.bound = bound;
        this.session = session;
        this.tripwire = tripwire;
        this.watch = watch;
        this.ticker = ticker;
        this.copyInputs = copyInputs;
    }

    @Override
    public Map<String, Signature> signatures() {
        return signatures;
    }

    @Override
    public CompletionStage<InferenceResponse> infer(InferenceRequest request) {
        try {
            return CompletableFuture.completedFuture(run(request));
        } catch (InferenceException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private InferenceResponse run(InferenceRequest request) {
        refuseIfUnwanted(request);
        BoundSignature signature = bound.get(request.signature().name());
        if (signature == null) {
            throw new InferenceException(ErrorCode.INTERNAL, "a request for a signature that was never shown");
        }
        BoundSignature.Plan plan = signature.planFor(request.outputs());
        Tripwire.Slot slot = lendSlot();
        boolean clean = false;
        try (CallTensors tensors = new CallTensors(
                copyInputs,
                slot.inputs(signature.inputs().size() + 1),
                slot.outputs(plan.outputs().size()))) {
            setInputs(tensors, signature, request, slot);
            Optional<ErrorCode> ended = runWatched(signature, plan, request, slot);
            if (Failures.isOk(slot.status())) {
                // An end that came when all was computed changes nothing, but its element may still be in the queue.
                clean = ended.isEmpty();
                return tensors.response(plan.outputs(), request.outputs());
            }
            tensors.dropOutputs(plan.outputs().size());
            throw ended.map(TensorFlowServable::endedEarly)
                    .orElseGet(() -> Failures.of(slot.status(), "the model failed"));
        } finally {
            // Whoever lent the inputs' memory may reuse it from here on; until here it must be reachable.
            Reference.reachabilityFence(request);
            tripwire.giveBack(slot, !clean);
        }
    }

    private Optional<ErrorCode> runWatched(
            BoundSignature signature, BoundSignature.Plan plan, InferenceRequest request, Tripwire.Slot slot) {
        ActiveRun run = new ActiveRun(tripwire, slot, request.deadline(), request.cancellation());
        NativeSession.RunArguments arguments = new NativeSession.RunArguments(
                signature.feeds(),
                slot.inputs(signature.inputs().size() + 1),
                signature.inputs().size() + 1,
                plan.fetches(),
                slot.outputs(plan.outputs().size()),
                plan.outputs().size(),
                plan.targets(),
                plan.targetCount());
        watch.add(run);
        Cancellation.Registration registration = request.cancellation().onCancel(watch::wake);
        Optional<ErrorCode> ended;
        try {
            session.run(arguments, false, slot.status());
        } finally {
            ended = run.over();
            registration.close();
            watch.remove(run);
        }
        return ended;
    }

    private static void setInputs(
            CallTensors tensors, BoundSignature signature, InferenceRequest request, Tripwire.Slot slot) {
        List<String> names = signature.inputs();
        for (int i = 0; i < names.size(); i++) {
            Tensor given = request.inputs().get(names.get(i));
            if (given == null) {
                tensors.set(i, signature.defaultOf(names.get(i)));
            } else {
                tensors.set(i, given);
            }
        }
        tensors.set(names.size(), slot.handle());
    }

    private Tripwire.Slot lendSlot() {
        try {
            return tripwire.lend();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InferenceException(ErrorCode.CANCELLED, "interrupted while waiting for a turn");
        }
    }

    private void refuseIfUnwanted(InferenceRequest request) {
        if (request.cancellation().isCancelled()) {
            throw endedEarly(ErrorCode.CANCELLED);
        }
        if (request.deadline().isPast(ticker)) {
            throw endedEarly(ErrorCode.DEADLINE);
        }
    }

    private static InferenceException endedEarly(ErrorCode why) {
        return new InferenceException(
                why,
                why == ErrorCode.DEADLINE
                        ? "the deadline passed while the model ran"
                        : "everybody who waited for the run has left");
    }
}
