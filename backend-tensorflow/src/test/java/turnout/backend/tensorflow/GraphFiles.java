package turnout.backend.tensorflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** Writes small SavedModels node by node. */
final class GraphFiles {
    private GraphFiles() {}

    /** A graph in which {@code x} is the float input and the named node the output of the default signature. */
    static MetaGraphDef.Builder serving(GraphDef.Builder graph, String output) {
        SignatureDef signature = SignatureDef.newBuilder()
                .setMethodName("tensorflow/serving/predict")
                .putInputs("x", tensor("x:0", DataType.DT_FLOAT))
                .putOutputs("y", tensor(output + ":0", DataType.DT_FLOAT))
                .build();
        return MetaGraphDef.newBuilder()
                .setMetaInfoDef(MetaGraphDef.MetaInfoDef.newBuilder().addTags("serve"))
                .setGraphDef(graph)
                .putSignatureDef("serving_default", signature);
    }

    /** A graph with the placeholder {@code x} and {@code y}, which is x. */
    static GraphDef.Builder identity() {
        return GraphDef.newBuilder()
                .addNode(node("x", "Placeholder").putAttr("dtype", type(DataType.DT_FLOAT)))
                .addNode(node("y", "Identity", "x").putAttr("T", type(DataType.DT_FLOAT)));
    }

    static NodeDef.Builder node(String name, String op, String... inputs) {
        return NodeDef.newBuilder().setName(name).setOp(op).addAllInput(List.of(inputs));
    }

    static FunctionDef.Builder function(String name, NodeDef.Builder... body) {
        FunctionDef.Builder function =
                FunctionDef.newBuilder().setSignature(OpDef.newBuilder().setName(name));
        for (NodeDef.Builder node : body) {
            function.addNodeDef(node);
        }
        return function;
    }

    static NodeDef.Builder call(String name, String function, String... inputs) {
        return node(name, "StatefulPartitionedCall", inputs)
                .putAttr(
                        "f",
                        AttrValue.newBuilder()
                                .setFunc(NameAttrList.newBuilder().setName(function))
                                .build());
    }

    static AttrValue type(DataType type) {
        return AttrValue.newBuilder().setType(type).build();
    }

    static TensorInfo tensor(String name, DataType type) {
        return TensorInfo.newBuilder()
                .setName(name)
                .setDtype(type)
                .setTensorShape(TensorShapeProto.newBuilder()
                        .addDim(TensorShapeProto.Dim.newBuilder().setSize(-1)))
                .build();
    }

    /** Writes the graph as a version's directory. */
    static Path write(Path directory, MetaGraphDef.Builder... graphs) {
        SavedModel.Builder model = SavedModel.newBuilder().setSavedModelSchemaVersion(1);
        for (MetaGraphDef.Builder graph : graphs) {
            model.addMetaGraphs(graph);
        }
        try {
            Files.createDirectories(directory);
            Files.write(directory.resolve("saved_model.pb"), model.build().toByteArray());
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
