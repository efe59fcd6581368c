package turnout.gateway.app;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import turnout.gateway.admission.AdmissionConfig;
import turnout.gateway.admission.AdmissionStage;
import turnout.gateway.bind.BindStage;
import turnout.gateway.cache.CacheStage;
import turnout.gateway.cache.ResultCache;
import turnout.gateway.call.Offload;
import turnout.gateway.call.Pipeline;
import turnout.gateway.call.RunListener;
import turnout.gateway.call.RunStage;
import turnout.gateway.lane.Lane;
import turnout.gateway.lifecycle.LoadListener;
import turnout.gateway.observe.AccessLog;
import turnout.gateway.observe.AnswerListener;
import turnout.gateway.observe.Meters;
import turnout.gateway.observe.ModelCounters;
import turnout.gateway.observe.ObserveStage;
import turnout.gateway.observe.ServingMeters;
import turnout.gateway.routing.RoutingStage;
import turnout.gateway.routing.ServingTable;
import turnout.spi.ModelVersion;
import turnout.spi.Ticker;

/** The rooms of the data plane, and the order in which a call passes them. */
final class Rooms {
    private final Vertx vertx;
    private final Ticker ticker;
    private final AdmissionStage admission;
    private final Offload offload;
    private final Meters meters = new Meters();
    private final ModelCounters counters = new ModelCounters();
    private final ServingTable table = new ServingTable();
    private final ObserveStage observe;
    private final ResultCache results;
    private final Optional<ServingMeters> serving;
    // Lanes open, serve and close on several threads: one at a time changes these and the series that follow from them.
    private final Map<ModelVersion, Integer> openLanes = new HashMap<>();
    private final Map<ModelVersion, Map<Long, Lane>> lanes = new HashMap<>();

    /** @param serving TensorFlow Serving's names of the metrics, where they are wanted */
    Rooms(Vertx vertx, Ticker ticker, AdmissionConfig limits, Offload offload, Optional<ServingMeters> serving) {
        this.vertx = vertx;
        this.ticker = ticker;
        this.offload = offload;
        this.serving = serving;
        List<AnswerListener> listeners = new ArrayList<>(List.of(meters, counters, new AccessLog()));
        serving.ifPresent(listeners::add);
        this.observe = new ObserveStage(listeners, ticker);
        this.results = new ResultCache(ticker);
        this.admission = new AdmissionStage(limits, ticker);
        meters.gauge("turnout.calls.in.flight", "Calls that have not been answered yet", admission::callsInFlight);
        meters.gauge("turnout.bytes.in.flight", "Bytes of their requests", admission::bytesInFlight);
    }

    /** The rooms a call passes, outermost first. Read this method first. */
    Pipeline pipeline() {
        return new Pipeline(List.of(
                // Outermost: it also times what later rooms refuse, and reads the call's record when it is done.
                observe,
                // Before any work per model, so that overload stays cheap.
                admission,
                // Name, label and split become exactly one lane, held until the call ends.
                new RoutingStage(table, ticker),
                // After routing: only the version's signature says what the bytes mean.
                new BindStage(offload),
                // After binding: the key is over typed tensors, so that all dialects share entries.
                new CacheStage(vertx, results, ticker, offload),
                // Innermost: down the lane to the session.
                new RunStage()));
    }

    /** A lane over that version is about to open. */
    synchronized void opened(ModelVersion version) {
        openLanes.merge(version, 1, Integer::sum);
    }

    /** That lane is open. */
    synchronized void serves(Lane lane) {
        Map<Long, Lane> same = lanes.computeIfAbsent(lane.version(), key -> new ConcurrentHashMap<>());
        same.put(lane.generation(), lane);
        counters.begin(lane.version());
        meters.waiting(lane.version(), () -> sum(same, Lane::waitingRows), () -> sum(same, Lane::waitingBytes));
    }

    private static long sum(Map<Long, Lane> lanes, ToLongFunction<Lane> what) {
        return lanes.values().stream().mapToLong(what).sum();
    }

    /** That lane has drained. Its results go, and the version's series too unless another load of it is serving. */
    synchronized void closed(ModelVersion version, long generation) {
        results.forget(version, generation);
        lanes.computeIfPresent(version, (key, same) -> {
            same.remove(generation);
            return same;
        });
        boolean another = openLanes.computeIfPresent(version, (key, open) -> open > 1 ? open - 1 : null) != null;
        if (!another) {
            lanes.remove(version);
            meters.forget(version);
            serving.ifPresent(names -> names.forget(version));
        }
    }

    /** All that is measured, as Prometheus text. */
    String scrape() {
        return meters.scrape() + serving.map(ServingMeters::scrape).orElse("");
    }

    /** Hears what the lanes do. */
    RunListener runs() {
        return new RunListener() {
            @Override
            public void executed(ModelVersion version, Execution execution) {
                meters.executed(version, execution);
                counters.executed(version, execution);
                serving.ifPresent(names -> names.executed(version, execution));
            }

            @Override
            public void left(ModelVersion version, Exit exit) {
                meters.left(version, exit);
            }
        };
    }

    /** Hears how versions come up. */
    LoadListener loads() {
        return serving.<LoadListener>map(names -> (phase, version, location, took, outcome) -> {
                    ServingMeters.Outcome ended =
                            switch (outcome) {
                                case SUCCEEDED -> ServingMeters.Outcome.SUCCEEDED;
                                case FAILED -> ServingMeters.Outcome.FAILED;
                            };
                    switch (phase) {
                        case LOAD -> names.loaded(version, location.toString(), took.toNanos(), ended);
                        case WARMUP -> names.warmed(version, location.toString(), took.toNanos(), ended);
                    }
                })
                .orElse(LoadListener.NONE);
    }

    /** Also counts what the doors refuse before there is a call. */
    ObserveStage observe() {
        return observe;
    }

    Meters meters() {
        return meters;
    }

    ModelCounters counters() {
        return counters;
    }

    ServingTable table() {
        return table;
    }

    ResultCache results() {
        return results;
    }
}
