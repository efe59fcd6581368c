package turnout.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.floats;
import static turnout.testkit.Tensors.longs;
import static turnout.testkit.Tensors.shape;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.spi.Deadline;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.InferenceResponse;
import turnout.spi.Loader;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.spi.Ticker;
import turnout.testkit.ManualCancellation;

class OnnxServableTest {
    private OnnxBench bench;
    private Path directory;

    @BeforeEach
    void start(@TempDir Path temporary) {
        bench = new OnnxBench(temporary);
        directory = temporary.resolve("1");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void anOutputWhoseDimensionsAreNamedByAnInputIsWrittenInPlace() {
        with(TestModels.version1("matrix_onnx"), servable -> {
            int before = bench.buffers().lent();
            assertThatTensor(bench.run(servable, Map.of("x", floats(shape(2, 3), 0, 2, 4, 6, 8, 10)))
                            .get("y"))
                    .isSameAs(floats(shape(2, 3), 2, 3, 4, 5, 6, 7));
            assertThat(bench.buffers().lent() - before)
                    .as("one lease for the input, one for the output")
                    .isEqualTo(2);
        });
    }

    @Test
    void anUnnamedFirstDimensionIsTakenForTheRows() throws Exception {
        identity(new Object[] {"", 2}, new Object[] {"", 2});
        with(directory, servable -> {
            Tensor x = floats(shape(3, 2), 1, 2, 3, 4, 5, 6);
            int before = bench.buffers().lent();
            assertThatTensor(bench.run(servable, Map.of("x", x)).get("y")).isSameAs(x);
            assertThat(bench.buffers().lent() - before).isEqualTo(2);
        });
    }

    @Test
    void anOutputOfUnknownShapeIsCopied() throws Exception {
        identity(new Object[] {"a", "b"}, new Object[] {"c", "d"});
        with(directory, servable -> {
            Tensor x = floats(shape(1, 2), 1, 2);
            int before = bench.buffers().lent();
            assertThatTensor(bench.run(servable, Map.of("x", x)).get("y")).isSameAs(x);
            assertThat(bench.buffers().lent() - before).isEqualTo(1);
        });
    }

    static Stream<Arguments> modelsThatDeclareWrongShapes() {
        OnnxWriter concat =
                new OnnxWriter().node("Concat", List.of("x", "x"), List.of("y"), OnnxWriter.attribute("axis", 0));
        OnnxWriter transpose = new OnnxWriter().node("Transpose", List.of("x"), List.of("y"));
        OnnxWriter reshape = new OnnxWriter().node("Reshape", List.of("x", "dims"), List.of("y"));
        OnnxWriter less = new OnnxWriter().node("Gather", List.of("x", "rows"), List.of("y"));
        OnnxWriter branch = new OnnxWriter()
                .node("Concat", List.of("x", "x"), List.of("z"), OnnxWriter.attribute("axis", 0))
                .output("z", OnnxWriter.FLOAT, "batch", 3);
        OnnxWriter inABranch = new OnnxWriter()
                .node("Shape", List.of("x"), List.of("sizes"))
                .node("ReduceMin", List.of("sizes"), List.of("least"), OnnxWriter.attribute("keepdims", 0))
                .node("Cast", List.of("least"), List.of("yes"), OnnxWriter.attribute("to", OnnxWriter.BOOL))
                .node(
                        "If",
                        List.of("yes"),
                        List.of("y"),
                        OnnxWriter.attribute("then_branch", branch),
                        OnnxWriter.attribute("else_branch", branch));
        Tensor twice = floats(shape(4, 3), 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6);
        return Stream.of(
                arguments("more rows", concat, twice),
                arguments("other axes", transpose, floats(shape(3, 2), 1, 4, 2, 5, 3, 6)),
                arguments("same bytes", reshape, floats(shape(3, 2), 1, 2, 3, 4, 5, 6)),
                arguments("fewer rows", less, floats(shape(1, 3), 1, 2, 3)),
                arguments("more rows in a branch", inABranch, twice));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("modelsThatDeclareWrongShapes")
    void anOutputThatIsNotWhatItDeclaresToBeIsGivenAsItIs(String ignored, OnnxWriter model, Tensor answer)
            throws Exception {
        model.input("x", OnnxWriter.FLOAT, "batch", 3)
                .input("dims", OnnxWriter.INT64, 2)
                .input("rows", OnnxWriter.INT64, "some")
                .output("y", OnnxWriter.FLOAT, "batch", 3)
                .into(directory);
        with(directory, servable -> {
            assertThat(servable.pinsOutputs()).isTrue();
            for (int round = 0; round < 3; round++) {
                Map<String, Tensor> inputs = Map.of(
                        "x",
                        floats(shape(2, 3), 1, 2, 3, 4, 5, 6),
                        "dims",
                        longs(shape(2), 3, 2),
                        "rows",
                        longs(shape(1), 0));
                assertThatTensor(bench.run(servable, inputs).get("y")).isSameAs(answer);
                assertThat(servable.pinsOutputs()).isFalse();
            }
        });
    }

    @Test
    void aModelThatFailsIsNotTakenForOneThatDeclaresWrongShapes() {
        with(TestModels.version1("failing_onnx"), servable -> {
            InferenceException failure = OnnxBench.failureOf(() -> bench.run(servable, Map.of("x", floats(-1))));
            assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_FAILED);
            assertThat(failure).hasMessageContaining("reshape");
            assertThat(servable.pinsOutputs()).isTrue();
        });
    }

    @Test
    void inputsThatDisagreeOnANamedDimensionAreTheCallersFaultIfTheRunFails() throws Exception {
        new OnnxWriter()
                .node("Add", List.of("a", "b"), List.of("y"))
                .input("a", OnnxWriter.FLOAT, "batch")
                .input("b", OnnxWriter.FLOAT, "batch")
                .output("y", OnnxWriter.FLOAT, "batch")
                .into(directory);
        with(directory, servable -> {
            InferenceException failure =
                    OnnxBench.failureOf(() -> bench.run(servable, Map.of("a", floats(1, 2), "b", floats(1, 2, 3))));
            assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_INPUT);
            // One row is stretched over the others: odd, but what the model does.
            assertThatTensor(bench.run(servable, Map.of("a", floats(1, 2), "b", floats(1)))
                            .get("y"))
                    .isSameAs(floats(2, 3));
        });
    }

    @Test
    void heapInputsAreTakenToo() {
        with(TestModels.version1("half_plus_two_onnx"), servable -> {
            Signature signature = servable.signatures().get(Signature.DEFAULT);
            assertThat(signature).isNotNull();
            InferenceRequest request = new InferenceRequest(
                    signature,
                    Map.of("x", floats(2, 4)),
                    List.of("y"),
                    Map.of(),
                    Deadline.after(Duration.ofMinutes(1), Ticker.system()),
                    new ManualCancellation());
            try (InferenceResponse response =
                    servable.infer(request).toCompletableFuture().join()) {
                assertThatTensor(response.outputs().get("y")).isSameAs(floats(3, 4));
            }
        });
    }

    @Test
    void aScalarAndAFixedShapePass() throws Exception {
        new OnnxWriter()
                .node("ReduceSum", List.of("x"), List.of("total"), OnnxWriter.attribute("keepdims", 0))
                .node("Shape", List.of("x"), List.of("dims"))
                .input("x", OnnxWriter.FLOAT, 2, 2)
                .output("total", OnnxWriter.FLOAT)
                .output("dims", OnnxWriter.INT64, 2)
                .into(directory);
        with(directory, servable -> {
            Map<String, Tensor> outputs = bench.run(servable, Map.of("x", floats(shape(2, 2), 1, 2, 3, 4)));
            assertThatTensor(outputs.get("total")).isSameAs(floats(shape(), 10));
            assertThatTensor(outputs.get("dims")).isSameAs(longs(shape(2), 2, 2));
        });
    }

    @Test
    void signatureShowsWhatTheModelDeclares() throws Exception {
        new OnnxWriter()
                .node("Add", List.of("x", "weights"), List.of("y"))
                .node("Identity", List.of("any"), List.of("same"))
                .node("SequenceConstruct", List.of("x"), List.of("list"))
                .input("x", OnnxWriter.FLOAT, "batch", 2)
                .input("weights", OnnxWriter.FLOAT, 2)
                .inputWithoutShape("any", OnnxWriter.FLOAT)
                .initializer(OnnxWriter.floats("weights", 1, 2))
                .output("y", OnnxWriter.FLOAT, "batch", 2)
                .outputWithoutShape("same", OnnxWriter.FLOAT)
                .sequenceOutput("list")
                .into(directory);
        with(directory, servable -> {
            Signature signature = servable.signatures().get(Signature.DEFAULT);
            assertThat(signature).isNotNull();
            assertThat(signature.inputs().values().stream().map(TensorSpec::toString))
                    .containsExactly("x: FP32[-1,2]", "any: FP32[...]");
            assertThat(signature.outputs().values().stream().map(TensorSpec::toString))
                    .containsExactly("y: FP32[-1,2]", "same: FP32[...]");
            Tensor any = floats(shape(1, 1, 3), 7, 8, 9);
            assertThatTensor(bench.run(servable, Map.of("x", floats(shape(1, 2), 1, 1), "any", any))
                            .get("same"))
                    .isSameAs(any);
        });
    }

    @Test
    void aModelWhoseInputsOrOutputsCannotBeCarriedIsUnsupported() throws Exception {
        new OnnxWriter()
                .node("SequenceConstruct", List.of("x"), List.of("list"))
                .input("x", OnnxWriter.FLOAT, 2)
                .sequenceOutput("list")
                .into(directory);
        assertThat(bench.loadFailure(directory).code()).isEqualTo(ErrorCode.UNSUPPORTED);
    }

    private void identity(Object[] inputDims, Object[] outputDims) throws Exception {
        new OnnxWriter()
                .node("Identity", List.of("x"), List.of("y"))
                .input("x", OnnxWriter.FLOAT, inputDims)
                .output("y", OnnxWriter.FLOAT, outputDims)
                .into(directory);
    }

    private interface Use {
        void of(OnnxServable servable);
    }

    private void with(Path version, Use use) {
        Loader loader = bench.loader(version);
        use.of((OnnxServable) loader.load());
        loader.unload();
    }
}
