package turnout.gateway.bind;

import io.vertx.core.Future;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Bound;
import turnout.gateway.call.Call;
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
        Signature signature = signature(call.routed(), call.envelope().signature());
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
        SignatureCheck check = new SignatureCheck(call.routed().version().model(), signature);
        // Wanted outputs first: a wrong name there is cheaper to find than to decode megabytes for.
        var outputs = check.outputs(call.envelope().outputs());
        var inputs = call.inputs().bind(signature);
        boolean mayBeLoose = call.inputs().allowsLooseShapes() && call.routed().allowsLooseShapes();
        boolean loose = check.inputs(inputs, mayBeLoose);
        return new Bound(signature, check.inOrder(inputs), outputs, loose);
    }

    private static Signature signature(Route route, @Nullable String wanted) {
        Map<String, Signature> signatures = route.signatures();
        String name = wanted == null || wanted.isEmpty() ? Signature.DEFAULT : wanted;
        Signature signature = signatures.get(name);
        if (signature != null) {
            return signature;
        }
        if (name.equals(Signature.DEFAULT) && signatures.size() == 1) {
            // A model with one signature under another name has no other way to be called.
            return signatures.values().iterator().next();
        }
        throw new RefusedException(new Refusal.SignatureUnknown(route.version().model(), name, signatures.keySet()));
    }
}
