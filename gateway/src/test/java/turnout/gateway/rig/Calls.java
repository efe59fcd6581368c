package turnout.gateway.rig;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Bound;
import turnout.gateway.call.Call;
import turnout.gateway.call.CallRecord;
import turnout.gateway.call.Dialect;
import turnout.gateway.call.Envelope;
import turnout.gateway.call.Inputs;
import turnout.gateway.call.VersionSelector;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.Ticker;

/** A call in the making; every part has a usable default. */
public final class Calls {
    private String model = "m";
    private VersionSelector selector = VersionSelector.ANY;
    private @Nullable String signature;
    private List<String> outputs = List.of();
    private Map<String, Object> parameters = Map.of();
    private @Nullable String key;
    private @Nullable Deadline deadline;
    private long bytes = 100;
    private Map<String, Tensor> tensors = Map.of();
    private Cancellation cancellation = Cancellation.NEVER;
    private boolean heavy;
    private boolean loose;

    /** A call with those inputs. */
    public static Calls with(Map<String, Tensor> tensors) {
        Calls calls = new Calls();
        calls.tensors = tensors;
        return calls;
    }

    /** A call with one input {@code x}. */
    public static Calls x(Tensor tensor) {
        return with(Map.of("x", tensor));
    }

    /** For a model. */
    public Calls model(String name) {
        model = name;
        return this;
    }

    /** For a version. */
    public Calls selector(VersionSelector which) {
        selector = which;
        return this;
    }

    /** For a signature. */
    public Calls signature(String name) {
        signature = name;
        return this;
    }

    /** For those outputs. */
    public Calls outputs(String... names) {
        outputs = List.of(names);
        return this;
    }

    /** With those parameters. */
    public Calls parameters(Map<String, Object> values) {
        parameters = values;
        return this;
    }

    /** Dealt by that key. */
    public Calls key(String value) {
        key = value;
        return this;
    }

    /** Waits no longer than that. */
    public Calls within(Duration duration, Ticker ticker) {
        deadline = Deadline.after(duration, ticker);
        return this;
    }

    /** Of that size. */
    public Calls bytes(long size) {
        bytes = size;
        return this;
    }

    /** Its caller leaves when that fires. */
    public Calls until(Cancellation leaves) {
        cancellation = leaves;
        return this;
    }

    /** Takes long to decode. */
    public Calls heavy() {
        heavy = true;
        return this;
    }

    /** In a dialect that lets loose shapes pass. */
    public Calls loose() {
        loose = true;
        return this;
    }

    /** As it leaves the edge. */
    public Call arrived() {
        Envelope envelope =
                new Envelope(Dialect.OIP_REST, model, selector, signature, outputs, parameters, key, deadline, bytes);
        return Call.arrived(envelope, new Given(tensors, heavy, loose), new CallRecord("id", 0), cancellation);
    }

    /** As it leaves the bind room, for that signature. */
    public Call bound(Signature bySignature) {
        List<String> wanted =
                outputs.isEmpty() ? List.copyOf(bySignature.outputs().keySet()) : outputs;
        Call call = arrived();
        call.record().bound(1);
        return call.withBound(new Bound(bySignature, tensors, wanted, loose));
    }

    private record Given(Map<String, Tensor> tensors, boolean isHeavy, boolean allowsLooseShapes) implements Inputs {
        @Override
        public Map<String, Tensor> bind(Signature signature) {
            return tensors;
        }
    }
}
