package turnout.gateway.bind;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.gateway.rig.Futures.refusal;
import static turnout.gateway.rig.Futures.result;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Bound;
import turnout.gateway.call.Call;
import turnout.gateway.call.Offload;
import turnout.gateway.call.Pipeline;
import turnout.gateway.call.Refusal;
import turnout.gateway.rig.Answers;
import turnout.gateway.rig.Calls;
import turnout.gateway.rig.FakeRoute;
import turnout.spi.DataType;
import turnout.spi.Deadline;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.testkit.Tensors;

class BindStageTest {
    private static final TensorSpec A = TensorSpec.of("a", DataType.FP32, -1, 2);
    private static final TensorSpec B = TensorSpec.of("b", DataType.INT32, -1);
    private static final Signature AB = new Signature(
            Signature.DEFAULT,
            Signature.PREDICT,
            specs(A, B),
            specs(TensorSpec.of("p", DataType.FP32, -1), TensorSpec.of("q", DataType.FP32, -1)),
            Set.of("b"));
    private static final Tensor GOOD_A = Tensors.floats(Tensors.shape(3, 2), 1, 2, 3, 4, 5, 6);
    private static final Tensor GOOD_B = Tensors.ints(Tensors.shape(3), 1, 2, 3);

    private final List<Call> bound = new ArrayList<>();
    private final List<Callable<?>> offloaded = new ArrayList<>();
    private final BindStage stage = new BindStage(new Offload() {
        @Override
        public <T> Future<T> run(Callable<T> task) {
            offloaded.add(task);
            try {
                return Future.succeededFuture(task.call());
            } catch (Exception e) {
                return Future.failedFuture(e);
            }
        }
    });

    @Test
    void inputsThatFitAreBoundInTheSignaturesOrder() {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("b", GOOD_B);
        inputs.put("a", GOOD_A);

        result(bind(Calls.with(inputs)));

        Bound result = bound.get(0).requireBound();
        assertThat(result.inputs().keySet()).containsExactly("a", "b");
        assertThat(result.outputs()).containsExactly("p", "q");
        assertThat(result.loose()).isFalse();
        assertThat(bound.get(0).record().rows()).isEqualTo(3);
        assertThat(offloaded).isEmpty();
    }

    @Test
    void anOptionalInputMayBeLeftOut() {
        result(bind(Calls.with(Map.of("a", GOOD_A))));

        assertThat(bound.get(0).requireBound().inputs().keySet()).containsExactly("a");
    }

    @Test
    void aMissingInputIsNamedTogetherWithWhatWasExpected() {
        assertThat(refusal(bind(Calls.with(Map.of("aa", GOOD_A)))))
                .isEqualTo(new Refusal.InputMissing("m", List.of("a", "b"), List.of("aa"), List.of("a")));
    }

    @Test
    void anUnknownInputIsNamed() {
        assertThat(refusal(bind(Calls.with(Map.of("a", GOOD_A, "c", GOOD_B)))))
                .isEqualTo(new Refusal.InputUnexpected("m", "c", List.of("a", "b")));
    }

    @Test
    void anotherTypeIsNamed() {
        assertThat(refusal(bind(Calls.with(Map.of("a", Tensors.doubles(Tensors.shape(1, 2), 1, 2))))))
                .isEqualTo(new Refusal.DtypeMismatch("m", "a", DataType.FP64, DataType.FP32));
    }

    @Test
    void anotherShapeIsNamed() {
        Tensor wide = Tensors.floats(Tensors.shape(1, 3), 1, 2, 3);
        assertThat(refusal(bind(Calls.with(Map.of("a", wide)))))
                .isEqualTo(new Refusal.ShapeMismatch("m", "a", "[1,3]", A));
        assertThat(refusal(bind(Calls.with(Map.of("a", Tensors.floats(1, 2))))))
                .isEqualTo(new Refusal.ShapeMismatch("m", "a", "[2]", A));
    }

    @Test
    void aColumnWithoutItsLastDimensionPassesOnlyWhereDialectAndBackendAllowIt() {
        Signature column = Signature.of(
                "serving_default",
                List.of(TensorSpec.of("a", DataType.FP32, -1, 1)),
                List.of(TensorSpec.of("p", DataType.FP32, -1)));
        Tensor flat = Tensors.floats(Tensors.shape(3), 1, 2, 3);
        assertThat(refusal(send(Calls.with(Map.of("a", flat)).loose(), column, false)))
                .isInstanceOf(Refusal.ShapeMismatch.class);
        assertThat(refusal(send(Calls.with(Map.of("a", flat)), column, true)))
                .isInstanceOf(Refusal.ShapeMismatch.class);

        result(send(Calls.with(Map.of("a", flat)).loose(), column, true));

        assertThat(bound.get(0).requireBound().loose()).isTrue();
    }

    @Test
    void noOtherShapePassesEvenWhereLooseOnesAreAllowed() {
        Tensor wide = Tensors.floats(Tensors.shape(1, 3), 1, 2, 3);
        Tensor flat = Tensors.floats(Tensors.shape(2), 1, 2);

        assertThat(refusal(send(Calls.with(Map.of("a", wide)).loose(), AB, true)))
                .isInstanceOf(Refusal.ShapeMismatch.class);
        assertThat(refusal(send(Calls.with(Map.of("a", flat)).loose(), AB, true)))
                .isInstanceOf(Refusal.ShapeMismatch.class);
    }

    @Test
    void wantedOutputsKeepTheirOrder() {
        result(bind(Calls.with(Map.of("a", GOOD_A)).outputs("q", "p")));

        assertThat(bound.get(0).requireBound().outputs()).containsExactly("q", "p");
    }

    @Test
    void outputsThatAreUnknownOrWantedTwiceAreNamed() {
        assertThat(refusal(bind(Calls.with(Map.of("a", GOOD_A)).outputs("r"))))
                .isEqualTo(new Refusal.OutputUnexpected("m", "r", List.of("p", "q")));
        assertThat(refusal(bind(Calls.with(Map.of("a", GOOD_A)).outputs("p", "p"))))
                .isEqualTo(new Refusal.OutputRepeated("m", "p"));
    }

    @Test
    void anUnknownSignatureNamesTheKnownOnes() {
        assertThat(refusal(bind(Calls.with(Map.of("a", GOOD_A)).signature("regress"))))
                .isEqualTo(new Refusal.SignatureUnknown("m", "regress", Set.of(Signature.DEFAULT)));
    }

    @Test
    void theOnlySignatureAnswersCallsThatNameNone() {
        Signature odd = Signature.of("classify", List.of(A), List.of(TensorSpec.of("p", DataType.FP32, -1)));

        result(send(Calls.with(Map.of("a", GOOD_A)), odd, false));

        assertThat(bound.get(0).requireBound().signature()).isEqualTo(odd);
    }

    @Test
    void whatIsHeavyIsDecodedElsewhere() {
        result(bind(Calls.with(Map.of("a", GOOD_A)).heavy()));
        assertThat(offloaded).hasSize(1);

        assertThat(refusal(bind(Calls.with(Map.of("c", GOOD_A)).heavy()))).isInstanceOf(Refusal.InputMissing.class);
    }

    private Future<Answer> bind(Calls calls) {
        return send(calls, AB, false);
    }

    private Future<Answer> send(Calls calls, Signature signature, boolean looseBackend) {
        FakeRoute route = new FakeRoute(
                new ModelVersion("m", 1),
                1,
                "control",
                Map.of(signature.name(), signature),
                null,
                looseBackend,
                call -> Future.failedFuture("not played"));
        Pipeline pipeline = new Pipeline(List.of(stage, (call, next) -> {
            bound.add(call);
            return Future.succeededFuture(Answers.of(1));
        }));
        return pipeline.handle(calls.arrived().withRoute(route, new Deadline(0)));
    }

    private static Map<String, TensorSpec> specs(TensorSpec... specs) {
        Map<String, TensorSpec> byName = new LinkedHashMap<>();
        for (TensorSpec spec : specs) {
            byName.put(spec.name(), spec);
        }
        return byName;
    }
}
