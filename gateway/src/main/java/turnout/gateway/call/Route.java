package turnout.gateway.call;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;

/**
 * Where a call goes: one lane, and the right to use it until {@link #release()}. While it is held the version is not unloaded.
 */
public interface Route {
    /** The version behind the lane. */
    ModelVersion version();

    /** The arm that the call was dealt to: {@code control}, {@code treatment}, or {@code explicit} where the caller named the version. */
    String arm();

    /** Differs between any two loads, also of the same version. */
    long generation();

    /** The version's signatures by name. */
    Map<String, Signature> signatures();

    /** Whether the backend takes shapes other than the declared ones. */
    boolean allowsLooseShapes();

    /** How long a call may take that names no deadline. */
    Duration defaultDeadline();

    /** The model's leave to keep results, null when it gave none. */
    @Nullable
    CachePolicy cachePolicy();

    /**
     * Queues the bound call and completes on the calling context, with a {@link RefusedException} on every failure.
     *
     * @param call one with {@link Call#bound()} and {@link Call#deadline()}
     */
    Future<Answer> run(Call call);

    /** Gives the right back; once. */
    void release();
}
