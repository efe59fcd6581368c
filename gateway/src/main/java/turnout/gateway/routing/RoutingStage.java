package turnout.gateway.routing;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.Envelope;
import turnout.gateway.call.Next;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.Route;
import turnout.gateway.call.Stage;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.lane.Lane;
import turnout.spi.Deadline;
import turnout.spi.Ticker;

/** Finds the one lane that answers a call and holds the right to it until the call ends. */
public final class RoutingStage implements Stage {
    /** A lane may start to drain between reading the snapshot and acquiring; the next snapshot no longer holds it. */
    private static final int ATTEMPTS = 3;

    private static final String CONTROL = "control";
    private static final String TREATMENT = "treatment";
    private static final String EXPLICIT = "explicit";

    private final ServingTable table;
    private final Ticker ticker;

    public RoutingStage(ServingTable table, Ticker ticker) {
        this.table = table;
        this.ticker = ticker;
    }

    @Override
    public Future<Answer> handle(Call call, Next next) {
        Route route = acquire(call.envelope());
        call.record().routed(route.version(), route.arm());
        Deadline deadline = call.deadline();
        if (deadline == null) {
            deadline = Deadline.after(route.defaultDeadline(), ticker);
        }
        return next.proceed(call.withRoute(route, deadline)).onComplete(done -> route.release());
    }

    private Route acquire(Envelope envelope) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Target target = choose(table.current(), envelope);
            Optional<Route> route = target.lane.acquire(target.arm);
            if (route.isPresent()) {
                return route.get();
            }
        }
        throw refused(new Refusal.NotReady(envelope.model(), -1, "it is being unloaded"));
    }

    private static Target choose(ServingState state, Envelope envelope) {
        ModelRoute route = state.models().get(envelope.model());
        if (route == null) {
            throw refused(missing(envelope));
        }
        VersionSelector selector = envelope.selector();
        if (selector instanceof VersionSelector.Exactly exactly) {
            return new Target(lane(route, exactly.number()), EXPLICIT);
        }
        if (selector instanceof VersionSelector.Labelled labelled) {
            Long number = route.labels().get(labelled.label());
            if (number == null) {
                throw refused(new Refusal.LabelUnknown(
                        route.model(),
                        labelled.label(),
                        route.labels().keySet().stream().sorted().toList()));
            }
            return new Target(lane(route, number), EXPLICIT);
        }
        Split split = route.split();
        if (split != null) {
            long number = split.pick(unit(envelope.key()));
            return new Target(lane(route, number), split.isTreatment(number) ? TREATMENT : CONTROL);
        }
        if (route.defaultVersion().isEmpty()) {
            throw refused(new Refusal.NotReady(route.model(), -1, "no version is available"));
        }
        return new Target(lane(route, route.defaultVersion().getAsLong()), CONTROL);
    }

    private static Refusal missing(Envelope envelope) {
        return envelope.selector() instanceof VersionSelector.Labelled labelled
                ? new Refusal.LabelUnknown(envelope.model(), labelled.label(), List.of())
                : new Refusal.ModelUnknown(envelope.model());
    }

    private static Lane lane(ModelRoute route, long number) {
        Lane lane = route.lanes().get(number);
        if (lane != null) {
            return lane;
        }
        String reason = route.unavailable().get(number);
        throw refused(
                reason == null
                        ? new Refusal.VersionUnknown(route.model(), number)
                        : new Refusal.NotReady(route.model(), number, reason));
    }

    /** A call without a key is a unit of its own. Random per thread: no lock that calls of different models would share. */
    private static String unit(@Nullable String key) {
        return key == null ? Long.toHexString(ThreadLocalRandom.current().nextLong()) : key;
    }

    private static RefusedException refused(Refusal refusal) {
        return new RefusedException(refusal);
    }

    private record Target(Lane lane, String arm) {}
}
