package turnout.gateway.edge.openinference;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import turnout.gateway.bind.BindStage;
import turnout.gateway.call.Answer;
import turnout.gateway.call.CachePolicy;
import turnout.gateway.call.Call;
import turnout.gateway.call.Next;
import turnout.gateway.call.Pipeline;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.Route;
import turnout.gateway.call.RunFacts;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.edge.DecodePool;
import turnout.gateway.edge.EdgeConfig;
import turnout.gateway.edge.EdgeServer;
import turnout.gateway.edge.EdgeVertx;
import turnout.gateway.edge.Health;
import turnout.gateway.edge.Services;
import turnout.gateway.lifecycle.Catalog;
import turnout.gateway.lifecycle.ControlException;
import turnout.gateway.lifecycle.ModelControl;
import turnout.gateway.lifecycle.ModelStatus;
import turnout.gateway.lifecycle.State;
import turnout.gateway.lifecycle.VersionStatus;
import turnout.gateway.rig.Futures;
import turnout.spi.DataType;
import turnout.spi.Deadline;
import turnout.spi.ErrorCode;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.spi.Ticker;

/**
 * Both doors on a real port, before a pipeline that gives each output the input in the same place. Models: {@code echo_fp32} and so on for
 * every type, {@code pair} with two inputs, {@code broken}, {@code unloaded} and {@code ghost} that cannot answer, and {@code full}, whose queue always is.
 */
final class DoorRig implements AutoCloseable, Catalog, ModelControl {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final EdgeVertx edgeVertx = EdgeVertx.create(new VertxOptions());
    private final Vertx vertx = edgeVertx.vertx();
    final List<String> early = new CopyOnWriteArrayList<>();
    private final EdgeServer server;
    final List<String> controlled = new ArrayList<>();
    private volatile @Nullable Call lastCall;

    DoorRig(boolean repositoryControl) {
        DecodePool pool = new DecodePool(vertx, 2);
        Pipeline pipeline = new Pipeline(List.of(this::route, new BindStage(pool), this::echo));
        Services services = new Services(
                pipeline,
                version -> Optional.empty(),
                Ticker.system(),
                "1.2.3",
                (dialect, record) -> early.add(
                        dialect + " " + Objects.requireNonNull(record.refusal()).kind()));
        server = Futures.result(EdgeServer.start(
                edgeVertx,
                EdgeConfig.defaults(List.of(new EdgeConfig.Address("127.0.0.1", 0))),
                List.of(new OipRest(services, this, this, repositoryControl, pool)),
                List.of(new OipGrpc(services, this, this, repositoryControl, pool)),
                new Health(() -> true, Set::of, name -> false),
                Ticker.system(),
                pool));
    }

    int port() {
        return server.addresses().get(0).port();
    }

    Vertx vertx() {
        return vertx;
    }

    /** The call that came last to routing. */
    Call lastCall() {
        Call call = lastCall;
        if (call == null) {
            throw new AssertionError("no call came");
        }
        return call;
    }

    @Override
    public void close() {
        Futures.result(vertx.close());
    }

    @Override
    public Optional<ModelStatus> model(String name) {
        return models().stream().filter(model -> model.name().equals(name)).findFirst();
    }

    @Override
    public List<ModelStatus> models() {
        List<ModelStatus> models = new ArrayList<>();
        for (DataType type : DataType.values()) {
            String name = "echo_" + type.lowerName();
            models.add(
                    available(name, Signature.of(Signature.DEFAULT, List.of(any("x", type)), List.of(any("y", type)))));
        }
        Signature pair = Signature.of(
                Signature.DEFAULT,
                List.of(TensorSpec.of("a", DataType.FP32, -1, 2), TensorSpec.of("b", DataType.INT64, -1)),
                List.of(TensorSpec.of("p", DataType.FP32, -1, 2), TensorSpec.of("q", DataType.INT64, -1)));
        models.add(available("pair", pair));
        models.add(available("full", pair));
        VersionStatus.Failure failure = new VersionStatus.Failure(ErrorCode.MODEL_FAILED, "no graph");
        models.add(gone("broken", failure, false));
        models.add(gone("unloaded", null, true));
        models.add(new ModelStatus(
                "ghost", List.of(), Map.of(), OptionalLong.empty(), Map.of(), false, List.of("it does not exist")));
        return models;
    }

    @Override
    public SortedMap<String, SortedSet<Long>> unserved() {
        return new TreeMap<>(Map.of("aside", new TreeSet<>(List.of(1L, 3L)), "hollow", new TreeSet<Long>()));
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public Future<Void> load(String model) {
        if (model(model).isEmpty()) {
            return Future.failedFuture(new ControlException(ControlException.Reason.NOT_FOUND, "no such model"));
        }
        controlled.add("load " + model);
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> unload(String model) {
        controlled.add("unload " + model);
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> reload(List<ServedModel> models) {
        return Future.failedFuture(new ControlException(ControlException.Reason.INVALID, "not asked for here"));
    }

    private static TensorSpec any(String name, DataType type) {
        return TensorSpec.of(name, type, -1);
    }

    private static ModelStatus available(String name, Signature signature) {
        List<VersionStatus> versions = new ArrayList<>();
        for (long number = 1; number <= 2; number++) {
            versions.add(new VersionStatus(
                    new ModelVersion(name, number),
                    State.AVAILABLE,
                    null,
                    "onnx",
                    Map.of(signature.name(), signature),
                    List.of()));
        }
        return new ModelStatus(name, versions, Map.of(), OptionalLong.of(2), Map.of(), false);
    }

    private static ModelStatus gone(String name, VersionStatus.@Nullable Failure failure, boolean onPurpose) {
        VersionStatus version =
                new VersionStatus(new ModelVersion(name, 1), State.END, failure, "", Map.of(), List.of());
        return new ModelStatus(name, List.of(version), Map.of(), OptionalLong.empty(), Map.of(), onPurpose);
    }

    private Future<Answer> route(Call call, Next next) {
        lastCall = call;
        String name = call.envelope().model();
        ModelStatus model = model(name).orElseThrow(() -> new RefusedException(new Refusal.ModelUnknown(name)));
        long number = call.envelope().selector() instanceof VersionSelector.Exactly exactly ? exactly.number() : 2;
        if (model.available().isEmpty()) {
            throw new RefusedException(new Refusal.NotReady(name, -1, "no version is available"));
        }
        if (name.equals("full")) {
            throw new RefusedException(new Refusal.QueueFull(name, 9, 9, Refusal.QueueFull.Unit.ROWS));
        }
        VersionStatus version =
                model.version(number).orElseThrow(() -> new RefusedException(new Refusal.VersionUnknown(name, number)));
        call.record().routed(version.version(), "control");
        Deadline deadline = call.deadline() == null ? Deadline.after(DEADLINE, Ticker.system()) : call.deadline();
        return next.proceed(call.withRoute(new FakeRoute(version), deadline));
    }

    private Future<Answer> echo(Call call, Next next) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        List<Tensor> inputs = List.copyOf(call.requireBound().inputs().values());
        List<String> names =
                List.copyOf(call.requireBound().signature().outputs().keySet());
        for (String output : call.requireBound().outputs()) {
            outputs.put(output, inputs.get(names.indexOf(output)));
        }
        return Future.succeededFuture(
                new Answer(call.routed().version(), call.requireBound().signature(), outputs, RunFacts.NONE));
    }

    private record FakeRoute(VersionStatus status) implements Route {
        @Override
        public ModelVersion version() {
            return status.version();
        }

        @Override
        public String arm() {
            return "control";
        }

        @Override
        public long generation() {
            return 1;
        }

        @Override
        public Map<String, Signature> signatures() {
            return status.signatures();
        }

        @Override
        public boolean allowsLooseShapes() {
            return false;
        }

        @Override
        public Duration defaultDeadline() {
            return DEADLINE;
        }

        @Override
        public @Nullable CachePolicy cachePolicy() {
            return null;
        }

        @Override
        public Future<Answer> run(Call call) {
            throw new AssertionError("the echo stands before the run");
        }

        @Override
        public void release() {}
    }
}
