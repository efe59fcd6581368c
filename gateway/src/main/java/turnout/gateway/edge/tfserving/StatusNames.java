package turnout.gateway.edge.tfserving;

import turnout.gateway.call.Refusal;
import turnout.gateway.call.VersionSelector;

/** Names of statuses, as TensorFlow Serving's metrics spell them. */
public final class StatusNames {
    private static final Target ANY = new Target("", VersionSelector.ANY);

    private StatusNames() {}

    /** The status that a predict call with that refusal gets from this dialect. */
    public static String of(Refusal refusal) {
        return Failures.of(refusal, ANY, Method.PREDICT).status().name();
    }
}
