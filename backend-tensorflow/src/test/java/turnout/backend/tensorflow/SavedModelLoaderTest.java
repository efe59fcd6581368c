package turnout.backend.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.backend.tensorflow.GraphFiles.identity;
import static turnout.backend.tensorflow.GraphFiles.node;
import static turnout.backend.tensorflow.GraphFiles.serving;
import static turnout.backend.tensorflow.GraphFiles.tensor;
import static turnout.backend.tensorflow.GraphFiles.type;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.floats;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Loader;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.TensorSpec;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SavedModelLoaderTest {
    @SuppressWarnings("NullAway.Init") // set before the first test
    private TestHost host;

    @BeforeAll
    void start() {
        host = new TestHost();
    }

    @AfterAll
    void stop() {
        host.close();
    }

    @Test
    void signaturesShowAliasesTypesShapesAndNativeNames() {
        Loader loader = host.loader(TestModels.of("multi_io"));
        Signature signature = loader.load().signatures().get(Signature.DEFAULT);
        loader.unload();
        assertThat(signature).isNotNull();
        assertThat(signature.method()).isEqualTo("tensorflow/serving/predict");
        assertThat(signature.inputs().get("a"))
                .isEqualTo(new TensorSpec("a", turnout.spi.DataType.FP32, new long[] {-1, 2}, "a:0"));
        assertThat(signature.outputs()).containsOnlyKeys("sum", "double");
    }

    @Test
    void aTensorOfUnknownRankTakesAnyShape(@TempDir Path directory) {
        MetaGraphDef.Builder graph = serving(identity(), "y");
        TensorInfo anyRank = tensor("x:0", DataType.DT_FLOAT).toBuilder()
                .setTensorShape(TensorShapeProto.newBuilder().setUnknownRank(true))
                .build();
        graph.putSignatureDef(
                "serving_default",
                graph.getSignatureDefOrThrow("serving_default").toBuilder()
                        .putInputs("x", anyRank)
                        .build());
        Loader loader = host.loader(GraphFiles.write(directory, graph));
        Servable servable = loader.load();
        assertThat(defaultOf(servable).input("x").orElseThrow().hasUnknownRank())
                .isTrue();
        assertThatTensor(host.run(servable, Map.of("x", floats(new long[] {1, 1, 2}, 5, 6)), "y")
                        .get("y"))
                .isSameAs(floats(new long[] {1, 1, 2}, 5, 6));
        loader.unload();
    }

    @Test
    void signaturesWithTypesNobodyCanSendAreLeftOutAndTheOthersServed(@TempDir Path directory) {
        MetaGraphDef.Builder graph = serving(identity(), "y");
        SignatureDef complex = graph.getSignatureDefOrThrow("serving_default").toBuilder()
                .putOutputs("y", tensor("y:0", DataType.DT_COMPLEX64))
                .build();
        graph.putSignatureDef("complex", complex);
        Loader loader = host.loader(GraphFiles.write(directory, graph));
        assertThat(loader.load().signatures()).containsOnlyKeys("serving_default");
        loader.unload();

        graph.removeSignatureDef("serving_default");
        InferenceException failure = host.loadFailure(GraphFiles.write(directory, graph));
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_FAILED);
        assertThat(failure).hasMessageContaining("none of the signatures [complex] can be served");
    }

    @Test
    void anInputWithADefaultMayBeLeftOut(@TempDir Path directory) {
        MetaGraphDef.Builder graph = serving(identity(), "y");
        TensorProto seven = TensorProto.newBuilder()
                .setDtype(DataType.DT_FLOAT)
                .setTensorShape(TensorShapeProto.newBuilder()
                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(1)))
                .addFloatVal(7)
                .build();
        graph.putSignatureDef(
                "serving_default",
                graph.getSignatureDefOrThrow("serving_default").toBuilder()
                        .putDefaults("x", seven)
                        .build());
        Loader loader = host.loader(GraphFiles.write(directory, graph));
        Servable servable = loader.load();
        assertThat(defaultOf(servable).optionalInputs()).containsExactly("x");
        assertThatTensor(host.run(servable, Map.of(), "y").get("y")).isSameAs(floats(7));
        assertThatTensor(host.run(servable, Map.of("x", floats(8)), "y").get("y"))
                .isSameAs(floats(8));
        loader.unload();
    }

    @Test
    void tagsChooseTheGraphAndAWrongTagNamesThoseThatThereAre(@TempDir Path directory) {
        MetaGraphDef.Builder serve = serving(identity(), "y");
        MetaGraphDef.Builder other =
                serving(identity().addNode(node("z", "Neg", "x").putAttr("T", type(DataType.DT_FLOAT))), "z");
        other.setMetaInfoDef(
                MetaGraphDef.MetaInfoDef.newBuilder().addTags("serve").addTags("gpu"));
        GraphFiles.write(directory, serve, other);
        Loader loader = host.loader(directory, Map.of("tags", List.of("gpu", "serve")));
        assertThatTensor(host.run(loader.load(), Map.of("x", floats(2)), "y").get("y"))
                .isSameAs(floats(-2));
        loader.unload();
        InferenceException failure = TestHost.failure(
                () -> host.loader(directory, Map.of("tags", List.of("train"))).load());
        assertThat(failure).hasMessageContaining("[train]").hasMessageContaining("[gpu, serve]");
    }

    @Test
    void s04_aHostileGraphIsRefusedByNameUnlessTrusted(@TempDir Path directory) {
        GraphFiles.write(
                directory,
                serving(identity().addNode(node("name", "Const")).addNode(node("read", "ReadFile", "name")), "y"));
        assertThat(host.loadFailure(directory)).hasMessageContaining("not safe: ReadFile;");
    }

    @Test
    void aHalfCopiedVersionIsRefusedInsteadOfFailingEachCall(@TempDir Path directory) throws Exception {
        assertThat(host.loadFailure(TestModels.of("half_copied")))
                .hasMessageContaining("variables/variables.index")
                .extracting(InferenceException::code)
                .isEqualTo(ErrorCode.MODEL_FAILED);
        copy(TestModels.of("half_plus_two"), directory);
        Files.delete(directory.resolve("variables/variables.data-00000-of-00001"));
        assertThat(host.loadFailure(directory)).hasMessageContaining("0 of 1 variables/variables.data files");
    }

    @Test
    void truncatedFilesFailWithoutPaths(@TempDir Path parent) throws Exception {
        Path directory = Files.createDirectories(parent.resolve("my own models"));
        copy(TestModels.of("half_plus_two"), directory);
        Path weights = directory.resolve("variables/variables.data-00000-of-00001");
        Files.write(weights, new byte[] {1, 2, 3});
        InferenceException cutWeights = host.loadFailure(directory);
        assertThat(cutWeights.code()).isEqualTo(ErrorCode.MODEL_FAILED);
        assertThat(cutWeights.getMessage())
                .doesNotContain(parent.toString())
                .doesNotContain("my own models")
                .doesNotContain("{{node");
        Path graph = directory.resolve("saved_model.pb");
        byte[] whole = Files.readAllBytes(graph);
        for (int length : new int[] {0, 1, whole.length / 3, whole.length / 2, whole.length - 1}) {
            Files.write(graph, Arrays.copyOf(whole, length));
            assertThat(host.loadFailure(directory).code()).isEqualTo(ErrorCode.MODEL_FAILED);
        }
    }

    @Test
    void aModelWrittenAsTextIsClaimedAndRefusedWithTheWayOut(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("saved_model.pbtxt"), "saved_model_schema_version: 1");
        assertThat(ModelFiles.areIn(directory)).isTrue();
        assertThat(host.loadFailure(directory)).hasMessageContaining("export it again as binary saved_model.pb");
    }

    @Test
    void aSignatureThatNamesAMissingNodeFailsTheLoadAndLeavesNothingBehind(@TempDir Path directory) {
        GraphFiles.write(directory, serving(identity(), "missing"));
        assertThat(host.loadFailure(directory)).hasMessageContaining("\"missing\"");
        assertThat(host.loadFailure(directory)).hasMessageContaining("\"missing\"");
    }

    @Test
    void moreSubsetsOfTheOutputsThanAreCompiledStillGiveWhatWasAskedFor(@TempDir Path directory) {
        var graph = identity();
        var signature = SignatureDef.newBuilder().putInputs("x", tensor("x:0", DataType.DT_FLOAT));
        for (int i = 0; i < 12; i++) {
            graph.addNode(node("out" + i, "Identity", "x").putAttr("T", type(DataType.DT_FLOAT)));
            signature.putOutputs("o" + i, tensor("out" + i + ":0", DataType.DT_FLOAT));
        }
        Loader loader = host.loader(
                GraphFiles.write(directory, serving(graph, "y").putSignatureDef("serving_default", signature.build())));
        Servable servable = loader.load();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 12; i++) {
                String first = "o" + i;
                String second = "o" + (i + 1) % 12;
                assertThat(host.run(servable, Map.of("x", floats(i)), second, first)
                                .keySet())
                        .containsExactly(second, first);
            }
        }
        loader.unload();
    }

    @Test
    void loadingAndUnloadingManyTimesKeepsTheThreads() throws Exception {
        loadRunUnload();
        int before = threads();
        for (int i = 0; i < 50; i++) {
            loadRunUnload();
        }
        assertThat(threads()).isLessThanOrEqualTo(before + 2);
    }

    @Test
    void loadedModelsHoldNoThreads() {
        List<Loader> loaders = new ArrayList<>();
        loadRunUnload();
        int before = threads();
        for (int i = 0; i < 20; i++) {
            Loader loader = host.loader(TestModels.of("half_plus_two"));
            host.run(loader.load(), Map.of("x", floats(1)), "y");
            loaders.add(loader);
        }
        assertThat(threads()).isLessThanOrEqualTo(before + 2);
        loaders.forEach(Loader::unload);
    }

    private static Signature defaultOf(Servable servable) {
        return Objects.requireNonNull(servable.signatures().get(Signature.DEFAULT));
    }

    private void loadRunUnload() {
        Loader loader = host.loader(TestModels.of("half_plus_two"));
        assertThatTensor(host.run(loader.load(), Map.of("x", floats(2)), "y").get("y"))
                .isSameAs(floats(3));
        loader.unload();
    }

    private static int threads() {
        String[] tasks = new File("/proc/self/task").list();
        return tasks == null ? 0 : tasks.length;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
