package turnout.gateway.edge.tfserving;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.CopyOnWriteArrayList;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Call;
import turnout.gateway.call.Next;
import turnout.gateway.call.Pipeline;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
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
import turnout.spi.ErrorCode;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;
import turnout.spi.StringElements;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.spi.Ticker;

/** Both doors on a real port, before a pipeline of one stage: the model {@code echo} answers its n-th input as its n-th output. */
final class DoorRig implements AutoCloseable {
    static final Map<String, Signature> SIGNATURES = signatures();

    private final EdgeVertx edgeVertx = EdgeVertx.create(new VertxOptions());
    final Vertx vertx = edgeVertx.vertx();
    final List<Call> calls = new CopyOnWriteArrayList<>();
    final List<ModelControl.ServedModel> reloaded = new CopyOnWriteArrayList<>();
    final List<String> early = new CopyOnWriteArrayList<>();
    private final EdgeServer server;

    DoorRig() {
        this(true);
    }

    DoorRig(boolean repositoryControl) {
        this(repositoryControl, EdgeConfig.Cors.OFF);
    }

    DoorRig(boolean repositoryControl, EdgeConfig.Cors cors) {
        DecodePool pool = new DecodePool(vertx, 2);
        Services services = new Services(
                new Pipeline(List.of(this::answer)),
                version -> Optional.empty(),
                Ticker.system(),
                "test",
                (dialect, record) -> early.add(
                        dialect + " " + Objects.requireNonNull(record.refusal()).kind()));
        Catalog catalog = new FakeCatalog();
        EdgeConfig config = EdgeConfig.defaults(List.of(new EdgeConfig.Address("127.0.0.1", 0)));
        server = Futures.result(EdgeServer.start(
                edgeVertx,
                config,
                List.of(new TfsRest(services, catalog, pool, cors)),
                List.of(new TfsGrpc(services, catalog, new FakeControl(), repositoryControl, pool)),
                new Health(() -> true, Set::of, name -> false),
                Ticker.system(),
                pool));
    }

    int port() {
        return server.addresses().get(0).port();
    }

    @Override
    public void close() {
        Futures.result(server.shutdown(Duration.ofSeconds(1)).compose(done -> vertx.close()));
    }

    private Future<Answer> answer(Call call, Next next) {
        calls.add(call);
        String model = call.envelope().model();
        Refusal refusal =
                switch (model) {
                    case "echo" -> null;
                    case "busy" -> new Refusal.QueueFull(model, 10, 10, Refusal.QueueFull.Unit.ROWS);
                    case "late" -> new Refusal.ExpiredInRun(model);
                    case "loading" -> new Refusal.NotReady(model, -1, "loading");
                    case "gone" -> new Refusal.NotReady(model, -1, "failed to load");
                    case "failing" -> new Refusal.Failed(ErrorCode.MODEL_FAILED, "negative value in x");
                    case "defective" -> throw new IllegalStateException("secret");
                    default ->
                        call.envelope().selector() instanceof VersionSelector.Labelled labelled
                                ? new Refusal.LabelUnknown(model, labelled.label(), List.of())
                                : new Refusal.ModelUnknown(model);
                };
        if (refusal == null
                && call.envelope().selector() instanceof VersionSelector.Exactly exactly
                && exactly.number() != 3) {
            refusal = new Refusal.VersionUnknown(model, exactly.number());
        }
        if (refusal != null) {
            throw new RefusedException(refusal);
        }
        call.record().routed(new ModelVersion("echo", 3), "control");
        String wanted = call.envelope().signature();
        Signature signature = SIGNATURES.get(wanted == null ? Signature.DEFAULT : wanted);
        if (signature == null) {
            throw new RefusedException(
                    new Refusal.SignatureUnknown(model, String.valueOf(wanted), SIGNATURES.keySet()));
        }
        return Future.succeededFuture(
                new Answer(new ModelVersion("echo", 3), signature, outputs(signature, call), RunFacts.NONE));
    }

    private static Map<String, Tensor> outputs(Signature signature, Call call) {
        Map<String, Tensor> inputs = call.inputs().bind(signature);
        List<String> filter = call.envelope().outputs();
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        List<String> from = List.copyOf(signature.inputs().keySet());
        int i = 0;
        for (TensorSpec spec : signature.outputs().values()) {
            Tensor input = inputs.get(from.get(Math.min(i++, from.size() - 1)));
            if (input != null && (filter.isEmpty() || filter.contains(spec.name()))) {
                outputs.put(spec.name(), output(signature, spec, input));
            }
        }
        return outputs;
    }

    /** Of examples the lengths, so that a test sees which bytes arrived; of all else the input. */
    private static Tensor output(Signature signature, TensorSpec spec, Tensor input) {
        if (signature.method().equals(Signature.PREDICT)) {
            return input;
        }
        List<byte[]> rows = StringElements.read(input.data());
        if (spec.type() == DataType.BYTES) {
            return new Tensor(
                    DataType.BYTES,
                    new long[] {rows.size(), 1},
                    StringElements.write(
                            rows.stream().map(row -> new byte[] {'c'}).toList()));
        }
        java.nio.ByteBuffer lengths =
                java.nio.ByteBuffer.allocate(4 * rows.size()).order(ByteOrder.LITTLE_ENDIAN);
        rows.forEach(row -> lengths.putFloat(row.length));
        return new Tensor(DataType.FP32, new long[] {rows.size(), 1}, lengths.flip());
    }

    @SuppressWarnings("NullAway") // dims may be null, but the annotation on an array is not seen through a class file
    private static Map<String, Signature> signatures() {
        Map<String, Signature> all = new LinkedHashMap<>();
        TensorSpec x = new TensorSpec("x", DataType.FP32, new long[] {-1, 1}, "x:0");
        TensorSpec y = new TensorSpec("y", DataType.FP32, new long[] {-1, 1}, "y:0");
        all.put(Signature.DEFAULT, Signature.of(Signature.DEFAULT, List.of(x), List.of(y)));
        all.put(
                "two",
                Signature.of(
                        "two",
                        List.of(TensorSpec.of("a", DataType.INT64, -1, 2), TensorSpec.of("b", DataType.BOOL, -1)),
                        List.of(TensorSpec.of("p", DataType.INT64, -1, 2), TensorSpec.of("q", DataType.BOOL, -1))));
        all.put(
                "words",
                Signature.of(
                        "words",
                        List.of(new TensorSpec("x", DataType.BYTES, null, "x:0")),
                        List.of(TensorSpec.of("y", DataType.BYTES, -1))));
        TensorSpec examples = TensorSpec.of("inputs", DataType.BYTES, -1);
        all.put(
                "classify",
                new Signature(
                        "classify",
                        "tensorflow/serving/classify",
                        Map.of("inputs", examples),
                        Map.of(
                                "classes", TensorSpec.of("classes", DataType.BYTES, -1, 1),
                                "scores", TensorSpec.of("scores", DataType.FP32, -1, 1)),
                        Set.of()));
        all.put(
                "regress",
                new Signature(
                        "regress",
                        "tensorflow/serving/regress",
                        Map.of("inputs", examples),
                        Map.of("outputs", TensorSpec.of("outputs", DataType.FP32, -1, 1)),
                        Set.of()));
        return all;
    }

    private static final class FakeCatalog implements Catalog {
        private final ModelStatus echo = new ModelStatus(
                "echo",
                List.of(
                        new VersionStatus(
                                new ModelVersion("echo", 2),
                                State.END,
                                new VersionStatus.Failure(ErrorCode.MODEL_FAILED, "it is \"broken\""),
                                "",
                                Map.of(),
                                List.of()),
                        new VersionStatus(
                                new ModelVersion("echo", 3), State.AVAILABLE, null, "fake", SIGNATURES, List.of())),
                Map.of("stable", 3L, "old", 2L),
                OptionalLong.of(3),
                Map.of(),
                false);

        @Override
        public Optional<ModelStatus> model(String name) {
            return name.equals("echo") ? Optional.of(echo) : Optional.empty();
        }

        @Override
        public List<ModelStatus> models() {
            return List.of(echo);
        }

        @Override
        public SortedMap<String, SortedSet<Long>> unserved() {
            throw new AssertionError("not of this dialect");
        }

        @Override
        public boolean isReady() {
            return true;
        }
    }

    private final class FakeControl implements ModelControl {
        @Override
        public Future<Void> load(String model) {
            return Future.failedFuture(new AssertionError("not of this dialect"));
        }

        @Override
        public Future<Void> unload(String model) {
            return Future.failedFuture(new AssertionError("not of this dialect"));
        }

        @Override
        public Future<Void> reload(List<ServedModel> models) {
            reloaded.addAll(models);
            return models.isEmpty()
                    ? Future.failedFuture(new ControlException(ControlException.Reason.PRECONDITION, "nothing left"))
                    : Future.succeededFuture();
        }
    }
}
