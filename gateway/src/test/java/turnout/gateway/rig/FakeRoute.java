package turnout.gateway.rig;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.CachePolicy;
import turnout.gateway.call.Call;
import turnout.gateway.call.Route;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;

/** A route to a lane that the test plays. */
public final class FakeRoute implements Route {
    private final ModelVersion version;
    private final long generation;
    private final String arm;
    private final Map<String, Signature> signatures;
    private final @Nullable CachePolicy policy;
    private final boolean loose;
    private final Function<Call, Future<Answer>> run;
    private final AtomicInteger releases = new AtomicInteger();

    /** All of it. */
    public FakeRoute(
            ModelVersion version,
            long generation,
            String arm,
            Map<String, Signature> signatures,
            @Nullable CachePolicy policy,
            boolean loose,
            Function<Call, Future<Answer>> run) {
        this.version = version;
        this.generation = generation;
        this.arm = arm;
        this.signatures = signatures;
        this.policy = policy;
        this.loose = loose;
        this.run = run;
    }

    /** How often it was given back. */
    public int releases() {
        return releases.get();
    }

    @Override
    public ModelVersion version() {
        return version;
    }

    @Override
    public String arm() {
        return arm;
    }

    @Override
    public long generation() {
        return generation;
    }

    @Override
    public Map<String, Signature> signatures() {
        return signatures;
    }

    @Override
    public boolean allowsLooseShapes() {
        return loose;
    }

    @Override
    public Duration defaultDeadline() {
        return Duration.ofSeconds(30);
    }

    @Override
    public @Nullable CachePolicy cachePolicy() {
        return policy;
    }

    @Override
    public Future<Answer> run(Call call) {
        return run.apply(call);
    }

    @Override
    public void release() {
        releases.incrementAndGet();
    }
}
