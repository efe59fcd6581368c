package turnout.gateway.call;

import org.jspecify.annotations.Nullable;
import turnout.spi.Cancellation;
import turnout.spi.Deadline;

/**
 * One inference on its way through the rooms. Immutable: a room that learns something passes on a new one.
 *
 * @param envelope what the edge read
 * @param inputs the undecoded inputs
 * @param record what happened to it so far
 * @param cancellation fires when its caller leaves
 * @param route where it goes; null before routing, use {@link #routed()}
 * @param bound its decoded inputs; null before binding, use {@link #requireBound()}
 * @param deadline when nobody waits any more; null before routing when the caller named none, use {@link #requireDeadline()}
 * @param onStart told each time a run of it begins, on the lane's context; must be quick and not throw
 */
public record Call(
        Envelope envelope,
        Inputs inputs,
        CallRecord record,
        Cancellation cancellation,
        @Nullable Route route,
        @Nullable Bound bound,
        @Nullable Deadline deadline,
        Runnable onStart) {
    /** A call as it leaves the edge. */
    public static Call arrived(Envelope envelope, Inputs inputs, CallRecord record, Cancellation cancellation) {
        return new Call(envelope, inputs, record, cancellation, null, null, envelope.deadline(), () -> {});
    }

    /** The same call, routed. */
    public Call withRoute(Route target, Deadline until) {
        return new Call(envelope, inputs, record, cancellation, target, bound, until, onStart);
    }

    /** The same call, bound. */
    public Call withBound(Bound decoded) {
        return new Call(envelope, inputs, record, cancellation, route, decoded, deadline, onStart);
    }

    /** The same question with a life of its own: another deadline and another caller. */
    public Call detached(Deadline until, Cancellation other) {
        return new Call(envelope, inputs, record, other, route, bound, until, onStart);
    }

    /** The same call, whose runs somebody wants to know of. */
    public Call toldOfRuns(Runnable begun) {
        return new Call(envelope, inputs, record, cancellation, route, bound, deadline, begun);
    }

    /** Where it goes; only after routing. */
    public Route routed() {
        return required(route, "routed");
    }

    /** Its decoded inputs; only after binding. */
    public Bound requireBound() {
        return required(bound, "bound");
    }

    /** When nobody waits any more; only after routing. */
    public Deadline requireDeadline() {
        return required(deadline, "given a deadline");
    }

    private static <T> T required(@Nullable T part, String what) {
        if (part == null) {
            throw new IllegalStateException(
                    "the call has not been " + what + " yet: a stage stands in the wrong place");
        }
        return part;
    }
}
