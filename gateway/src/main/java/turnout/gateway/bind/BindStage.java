package turnout.gateway.bind;

import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Bound;
import turnout.gateway.call.Call;
import turnout.gateway.call.Inputs;
import turnout.gateway.call.Next;
import turnout.gateway.call.Offload;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.Route;
import turnout.gateway.call.Stage;
import turnout.spi.Signature;

/** Decodes the inputs by the signature of the version that will run, and refuses what does not fit it, naming the field. */
public final class BindStage implements Stage {
    private final Offload offload;

    public BindStage(Offload offload) {
        this.offload = offload;
    }

    @Override
    public Future<Answer> handle(Call call, Next next) {
        Route route = call.routed();
        Signature signature = signature(
                route.version().model(), route.signatures(), call.envelope().signature());
        if (call.inputs().isHeavy()) {
            return offload.run(() -> bind(call, signature)).compose(bound -> proceed(call, bound, next));
        }
        return proceed(call, bind(call, signature), next);
    }

    private static Future<Answer> proceed(Call call, Bound bound, Next next) {
        call.record().bound(bound.rows());
        return next.proceed(call.withBound(bound));
    }

    private static Bound bind(Call call, Signature signature) {
        return bind(
                call.routed().version().model(),
                signature,
                call.envelope().outputs(),
                call.inputs(),
                call.routed().allowsLooseShapes());
    }

    /**
     * Decodes and checks inputs. Also for requests that are no calls: those recorded for a version's warm-up.
     *
     * @param wanted outputs, none for all
     * @param mayBeLoose whether the backend takes shapes that lack a declared last dimension of one
     * @throws RefusedException naming the field at fault
     */
    public static Bound bind(
            String model, Signature signature, List<String> wanted, Inputs inputs, boolean mayBeLoose) {
        SignatureCheck check = new SignatureCheck(model, signature);
        // Wanted outputs first: a wrong name there is cheaper to find than to decode megabytes for.
        var outputs = check.outputs(wanted);
        var tensors = inputs.bind(signature);
        boolean loose = check.inputs(tensors, mayBeLoose && inputs.allowsLooseShapes());
        return new Bound(signature, check.inOrder(tensors), outputs, loose);
    }

    /**
     * The signature that was asked for.
     *
     * @param wanted null for the default one
     * @throws RefusedException when there is none of that name
     */
    public static Signature signature(String model, Map<String, Signature> signatures, @Nullable String wanted) {
        String name = wanted == null || wanted.isEmpty() ? Signature.DEFAULT : wanted;
        Signature signature = signatures.get(name);
        if (signature != null) {
            return signature;
        }
        if (name.equals(Signature.DEFAULT) && signatures.size() == 1) {
            // A model with one signature under another name has no other way to be called.
            return signatures.values().iterator().next();
        }
        throw new RefusedException(new Refusal.SignatureUnknown(model, name, signatures.keySet()));
    }
}
