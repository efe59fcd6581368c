package turnout.backend.remote;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import turnout.backend.remote.RemoteConfig.HostPort;

/**
 * One server that can answer, with what is going on there.
 *
 * <p>Touched only on the backend's event loop.
 */
final class Endpoint {
    private final HostPort name;
    private final SocketAddress address;
    private final Health health = new Health();

    private int outstanding;
    private boolean pinging;
    private @Nullable HttpConnection blamed;

    Endpoint(HostPort name) {
        this.name = name;
        this.address = SocketAddress.inetSocketAddress(name.port(), name.host());
    }

    SocketAddress address() {
        return address;
    }

    Health health() {
        return health;
    }

    /** Calls that have not ended. */
    int outstanding() {
        return outstanding;
    }

    void onBegin() {
        outstanding++;
    }

    void onEnd() {
        outstanding--;
    }

    /** True for the first call that is lost with a connection: the others tell nothing new. */
    boolean blameOnce(@Nullable HttpConnection connection) {
        if (connection != null && connection == blamed) {
            return false;
        }
        blamed = connection;
        return true;
    }

    /** True when nobody is pinging yet; then {@link #pinged()} must follow. */
    boolean startPing() {
        boolean starts = !pinging;
        pinging = true;
        return starts;
    }

    void pinged() {
        pinging = false;
    }

    /** The address, for the operator's log only. */
    @Override
    public String toString() {
        return name.toString();
    }
}
