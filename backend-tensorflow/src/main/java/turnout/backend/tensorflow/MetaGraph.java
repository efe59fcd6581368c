package turnout.backend.tensorflow;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.SignatureDef;

/**
 * One graph of a SavedModel, as far as it must be known before TensorFlow sees it.
 *
 * @param tags by which it is chosen
 * @param signatures by name, in the file's order, without the pseudo-signature of the initializer
 * @param graph its operations
 * @param saver names of the nodes that restore and save variables
 * @param initializers names of the nodes that run once after restoring
 * @param assets names of nodes whose value TensorFlow replaces by a file in {@code assets/}, with that file's name
 */
record MetaGraph(
        Set<String> tags,
        Map<String, SignatureDef> signatures,
        GraphOutline graph,
        SaverDef saver,
        Set<String> initializers,
        Map<String, String> assets) {

    /** Nodes that clients' calls ask for. */
    Set<String> servedNodes() {
        Set<String> names = new LinkedHashSet<>();
        signatures.values().forEach(signature -> signature
                .getOutputsMap()
                .values()
                .forEach(output -> names.add(GraphOutline.nodeOf(output.getName()))));
        return names;
    }

    /** Nodes that run while the model is loaded, apart from those that {@link #restoringNodes()} names. */
    Set<String> initializingNodes() {
        return initializers;
    }

    /** Nodes that restore the variables. */
    Set<String> restoringNodes() {
        return saver.getRestoreOpName().isEmpty() ? Set.of() : Set.of(GraphOutline.nodeOf(saver.getRestoreOpName()));
    }
}
