package turnout.backend.remote;

import com.google.protobuf.InvalidProtocolBufferException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.common.GrpcStatus;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import turnout.backend.remote.RemoteConfig.HostPort;
import turnout.protocol.tfserving.GetModelStatusRequest;
import turnout.protocol.tfserving.GetModelStatusResponse;
import turnout.protocol.tfserving.ModelSpec;
import turnout.protocol.tfserving.ModelVersionStatus;

/**
 * The servers that can answer for one version: picks one for each attempt, takes out those that fail, takes them back once they answer a
 * probe.
 *
 * <p>Touched only on the backend's event loop.
 */
final class Endpoints {
    private static final Logger LOG = System.getLogger(Endpoints.class.getPackageName());
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final GrpcClient client;
    private final List<Endpoint> all;
    private final Buffer statusRequest;
    private final SplittableRandom random = new SplittableRandom();
    private boolean closed;

    Endpoints(Vertx vertx, GrpcClient client, List<HostPort> endpoints, ModelSpec spec) {
        this.vertx = vertx;
        this.client = client;
        this.all = endpoints.stream().map(Endpoint::new).toList();
        this.statusRequest = Buffer.buffer(
                GetModelStatusRequest.newBuilder().setModelSpec(spec).build().toByteArray());
    }

    /** Of two drawn at random the one with fewer calls under way; null when none is left that is well and was not tried. */
    @Nullable
    Endpoint pick(Set<Endpoint> tried) {
        List<Endpoint> well = new ArrayList<>(all.size());
        for (Endpoint endpoint : all) {
            if (!endpoint.health().isEjected() && !tried.contains(endpoint)) {
                well.add(endpoint);
            }
        }
        if (well.size() < 2) {
            return well.isEmpty() ? null : well.get(0);
        }
        int first = random.nextInt(well.size());
        int other = random.nextInt(well.size() - 1);
        Endpoint one = well.get(first);
        Endpoint two = well.get(other < first ? other : other + 1);
        return two.outstanding() < one.outstanding() ? two : one;
    }

    /** Learns from how an attempt ended. */
    void record(Attempt attempt, Outcome outcome) {
        Endpoint endpoint = attempt.endpoint();
        if (outcome instanceof Outcome.Answered) {
            endpoint.health().onSuccess();
        } else if (outcome instanceof Outcome.Failed failed) {
            if (failed.status() == GrpcStatus.UNAVAILABLE) {
                failed(endpoint, "answers UNAVAILABLE");
            } else {
                endpoint.health().onSuccess();
            }
        } else if (outcome instanceof Outcome.NeverSent) {
            failed(endpoint, "accepts no connection");
        } else if (outcome instanceof Outcome.Refused) {
            // A server that drains. If it goes for good, connecting fails next.
            LOG.log(Level.DEBUG, "{0} refused a stream", endpoint);
        } else if (endpoint.blameOnce(attempt.connection())) {
            failed(endpoint, "broke its connection");
        }
    }

    /**
     * Looks whether an endpoint is still there after a call got no answer until its deadline. A short deadline proves nothing, so the calls'
     * callers cannot bring an endpoint down: only a ping that stays unanswered does, which the server's transport answers however busy its
     * models are.
     */
    void suspect(Attempt attempt) {
        Endpoint endpoint = attempt.endpoint();
        HttpConnection connection = attempt.connection();
        if (connection == null || endpoint.health().isEjected() || !endpoint.startPing()) {
            return;
        }
        long timer = vertx.setTimer(PROBE_TIMEOUT.toMillis(), late -> {
            endpoint.pinged();
            if (!closed && !endpoint.health().isEjected()) {
                eject(endpoint, "does not answer");
            }
            // Whatever waits on it fails now and may be tried elsewhere.
            closeQuietly(connection);
        });
        connection.ping(Buffer.buffer(new byte[Long.BYTES])).onComplete(pong -> {
            if (vertx.cancelTimer(timer)) {
                endpoint.pinged();
            }
        });
    }

    /** Stops probing; its timers find out when they fire. */
    void close() {
        closed = true;
    }

    private void failed(Endpoint endpoint, String how) {
        if (endpoint.health().onFailure()) {
            eject(endpoint, how);
        }
    }

    private void eject(Endpoint endpoint, String why) {
        LOG.log(Level.WARNING, "remote endpoint {0} {1}: taken out", endpoint, why);
        probeLater(endpoint);
    }

    private void probeLater(Endpoint endpoint) {
        long backOff = endpoint.health().eject().toMillis();
        // A fifth either way, so that many gateways do not probe in step.
        long delay = backOff * 4 / 5 + random.nextLong(Math.max(1, backOff * 2 / 5));
        vertx.setTimer(delay, due -> {
            if (!closed) {
                probe(endpoint);
            }
        });
    }

    private void probe(Endpoint endpoint) {
        long start = System.nanoTime();
        Attempt probe = new Attempt(
                endpoint, statusRequest, () -> PROBE_TIMEOUT.toNanos() - (System.nanoTime() - start), this::onProbed);
        vertx.setTimer(PROBE_TIMEOUT.toMillis(), late -> {
            if (probe.abandon()) {
                HttpConnection connection = probe.connection();
                if (connection != null) {
                    closeQuietly(connection);
                }
                probeLater(endpoint);
            }
        });
        probe.start(client, RemoteMethod.GET_MODEL_STATUS);
    }

    private void onProbed(Attempt probe, Outcome outcome) {
        if (closed || probe.isAbandoned()) {
            return;
        }
        if (isServing(outcome)) {
            LOG.log(Level.INFO, "remote endpoint {0} answers again: taken back", probe.endpoint());
            probe.endpoint().health().takeBack();
        } else {
            probeLater(probe.endpoint());
        }
    }

    private static boolean isServing(Outcome outcome) {
        if (outcome instanceof Outcome.Answered answered) {
            try {
                return GetModelStatusResponse.parseFrom(answered.message().getBytes())
                        .getModelVersionStatusList()
                        .stream()
                        .anyMatch(status -> status.getState() == ModelVersionStatus.State.AVAILABLE);
            } catch (InvalidProtocolBufferException e) {
                return false;
            }
        }
        // A server that has no status service is there all the same.
        return outcome instanceof Outcome.Failed failed && failed.status() == GrpcStatus.UNIMPLEMENTED;
    }

    private static void closeQuietly(HttpConnection connection) {
        connection.close().onFailure(e -> LOG.log(Level.DEBUG, "while closing a connection", e));
    }
}
