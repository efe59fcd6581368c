package turnout.backend.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static turnout.backend.tensorflow.GraphFiles.call;
import static turnout.backend.tensorflow.GraphFiles.function;
import static turnout.backend.tensorflow.GraphFiles.identity;
import static turnout.backend.tensorflow.GraphFiles.node;
import static turnout.backend.tensorflow.GraphFiles.serving;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.SignatureDef;

class OpPolicyTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @Test
    void s04_aPlainGraphIsAllowed() {
        assertThat(refused(serving(identity(), "y"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ReadFile",
                "ImmutableConst",
                "DistributedSave",
                "WriteFile",
                "MatchingFiles",
                "PyFunc",
                "PyFuncStateless",
                "EagerPyFunc",
                "TextLineDataset",
                "TFRecordDatasetV2",
                "FixedLengthRecordDatasetV2",
                "ExperimentalCSVDataset",
                "TFRecordReaderV2",
                "WholeFileReaderV2",
                "LMDBReader",
                "DatasetFromGraph",
                "SnapshotDatasetV2",
                "DebugIdentityV3",
                "DataServiceDatasetV4",
                "RpcClient",
                "IO>FileReadAll",
                "Abort"
            })
    void s04_anOperationThatReachesOutOfTheModelIsRefusedWhereverItStands(String op) {
        assertThat(refused(serving(identity().addNode(node("unused", op)), "y")))
                .containsExactly(op);
        assertThat(refused(serving(
                        library(
                                identity(),
                                function("nobody_calls_me", node("n", op)).build()),
                        "y")))
                .containsExactly(op);
    }

    @Test
    void s04_anOperationInAFunctionCalledByAFunctionIsRefused() {
        GraphDef.Builder graph = library(
                identity().addNode(call("z", "outer", "x")),
                function("outer", call("inner_call", "inner")).build(),
                function("inner", node("write", "WriteFile")).build());
        assertThat(refused(serving(graph, "z"))).containsExactly("WriteFile");
    }

    @Test
    void s04_theSaversOwnOperationsAreAllowedInTheSaver() {
        GraphDef.Builder graph = identity()
                .addNode(node("save/name", "ShardedFilename"))
                .addNode(node("save/save", "SaveV2", "save/name"))
                .addNode(node("save/merge", "MergeV2Checkpoints", "save/name", "^save/save"))
                .addNode(node("save/restore", "RestoreV2"))
                .addNode(node("save/assign", "AssignVariableOp", "save/restore"))
                .addNode(node("save/restore_all", "NoOp", "^save/assign"));
        assertThat(refused(serving(graph, "y").setSaverDef(saver("save/restore_all"))))
                .isEmpty();
    }

    @Test
    void s04_savingThatACallReachesIsRefusedAlsoThroughControlEdgesAndFunctions() {
        GraphDef.Builder edges =
                identity().addNode(node("save", "SaveV2")).addNode(node("z", "Identity", "x", "^save"));
        assertThat(refused(serving(edges, "z"))).containsExactly("SaveV2");

        GraphDef.Builder calls = library(
                identity().addNode(call("z", "body", "x")),
                function("body", node("save", "SaveV2")).build());
        assertThat(refused(serving(calls, "z"))).containsExactly("SaveV2");
    }

    @Test
    void s04_aFunctionNamedInAListOfBranchesIsFollowed() {
        AttrValue branches = AttrValue.newBuilder()
                .setList(AttrValue.ListValue.newBuilder()
                        .addFunc(NameAttrList.newBuilder().setName("branch")))
                .build();
        GraphDef.Builder graph = library(
                identity().addNode(node("z", "Case", "x").putAttr("branches", branches)),
                function("branch", node("restore", "RestoreV2")).build());
        assertThat(refused(serving(graph, "z"))).containsExactly("RestoreV2");
    }

    @Test
    void s04_aFunctionThatStandsInPlaceOfAnOperationIsFollowed() {
        GraphDef.Builder graph = library(
                identity().addNode(node("z", "my_function", "x")),
                function("my_function", node("save", "Save")).build());
        assertThat(refused(serving(graph, "z"))).containsExactly("Save");
    }

    @Test
    void s04_restoringThatWritesIsRefused() {
        GraphDef.Builder graph = identity().addNode(node("save", "SaveV2")).addNode(node("restore", "NoOp", "^save"));
        assertThat(refused(serving(graph, "y").setSaverDef(saver("restore")))).containsExactly("SaveV2");
    }

    @Test
    void s04_anInitializerThatReadsCheckpointsOrWritesIsRefused() {
        GraphDef.Builder graph =
                identity().addNode(node("restore", "RestoreV2")).addNode(node("save", "SaveV2"));
        CollectionDef init = CollectionDef.newBuilder()
                .setNodeList(CollectionDef.NodeList.newBuilder().addValue("restore:0"))
                .build();
        assertThat(refused(serving(graph, "y").putCollectionDef("saved_model_main_op", init)))
                .containsExactly("RestoreV2");
        MetaGraphDef.Builder bySignature = serving(graph, "y");
        bySignature.putSignatureDef(
                "__saved_model_init_op",
                SignatureDef.newBuilder()
                        .putOutputs("__saved_model_init_op", GraphFiles.tensor("save", DataType.DT_INVALID))
                        .build());
        assertThat(refused(bySignature)).containsExactly("SaveV2");
    }

    @Test
    void s04_printingIsRefusedOnlyIntoAFile() {
        assertThat(refused(serving(identity().addNode(printTo("stderr")), "y"))).isEmpty();
        assertThat(refused(serving(identity().addNode(printTo("file:///tmp/x")), "y")))
                .containsExactly("PrintV2");
    }

    @Test
    void s04_aTableMayBeReadFromAnAssetOfTheModelOnly() {
        GraphDef.Builder graph = identity()
                .addNode(node("file", "Const"))
                .addNode(node("table", "HashTableV2"))
                .addNode(node("init", "InitializeTableFromTextFileV2", "table", "file"));
        assertThat(refused(serving(graph, "y"))).containsExactly("InitializeTableFromTextFileV2");
        assertThat(refused(serving(graph, "y").addAssetFileDef(asset("words.txt"))))
                .isEmpty();
        assertThat(refused(serving(graph, "y").addAssetFileDef(asset("../../secret"))))
                .containsExactly("InitializeTableFromTextFileV2");
    }

    @Test
    void s04_theOperatorMayTrustAnOperationByName() {
        MetaGraphDef.Builder graph =
                serving(identity().addNode(node("a", "ReadFile")).addNode(node("b", "WriteFile")), "y");
        assertThat(refused(graph)).containsExactly("ReadFile", "WriteFile");
        assertThat(new OpPolicy(Set.of("ReadFile")).refused(read(graph))).containsExactly("WriteFile");
    }

    @Test
    void inputsAreCopiedForModelsThatMayKeepThem() {
        assertThat(OpPolicy.keepers(read(serving(identity(), "y")))).isEmpty();
        GraphDef.Builder graph =
                identity().addNode(node("keep", "AssignVariableOp", "x")).addNode(node("z", "Identity", "x", "^keep"));
        assertThat(OpPolicy.keepers(read(serving(graph, "z")))).containsExactly("AssignVariableOp");
    }

    private Set<String> refused(MetaGraphDef.Builder graph) {
        return new OpPolicy(Set.of()).refused(read(graph));
    }

    private MetaGraph read(MetaGraphDef.Builder graph) {
        return new ModelFiles(GraphFiles.write(directory, graph)).graph(Set.of("serve"));
    }

    private static GraphDef.Builder library(GraphDef.Builder graph, FunctionDef... functions) {
        FunctionDefLibrary.Builder library = FunctionDefLibrary.newBuilder();
        for (FunctionDef function : functions) {
            library.addFunction(function);
        }
        return graph.setLibrary(library);
    }

    private static SaverDef.Builder saver(String restore) {
        return SaverDef.newBuilder()
                .setFilenameTensorName("save/name:0")
                .setSaveTensorName("save/merge:0")
                .setRestoreOpName(restore);
    }

    private static NodeDef.Builder printTo(String stream) {
        return node("print", "PrintV2")
                .putAttr(
                        "output_stream",
                        AttrValue.newBuilder()
                                .setS(ByteString.copyFromUtf8(stream))
                                .build());
    }

    private static AssetFileDef.Builder asset(String file) {
        return AssetFileDef.newBuilder()
                .setTensorInfo(GraphFiles.tensor("file:0", DataType.DT_STRING))
                .setFilename(file);
    }
}
