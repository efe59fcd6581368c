package turnout.backend.tensorflow;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import turnout.backend.tensorflow.GraphOutline.Node;

/**
 * Which operations a model may contain (S4): a graph is a program, and TensorFlow has operations that read and write files, open
 * connections, call back into Python or end the process.
 *
 * <p>Most such operations are refused wherever they stand, also in functions that nothing calls. Those that every SavedModel carries to
 * save and restore its own variables are refused only where they would run: by a client's call, and for writing also while loading.
 */
final class OpPolicy {
    private static final Set<String> REFUSED = Set.of(
            "Abort",
            "CheckpointHasKey",
            "CreateSummaryDbWriter",
            "CreateSummaryFileWriter",
            "DatasetFromGraph",
            "DatasetToTFRecord",
            "DecodeProtoV2",
            "DistributedSave",
            "EncodeProto",
            "GenerateVocabRemapping",
            // Maps a file into memory, whatever its name suggests.
            "ImmutableConst",
            "LoadAndRemapMatrix",
            "LoadDataset",
            "LoadDatasetV2",
            "MatchingFiles",
            "ReadFile",
            "RegisterDataset",
            "RegisterDatasetV2",
            "RemoteCall",
            "RemoteFusedGraphExecute",
            "SaveDataset",
            "SaveDatasetV2",
            "WriteFile",
            // A data set's cache is a file as soon as its name is not empty, and the name may be computed.
            "CacheDataset",
            "CacheDatasetV2");

    private static final Pattern REFUSED_FAMILIES = Pattern.compile(String.join(
            "|",
            ".*PyFunc.*",
            "(Experimental)?(TextLine|TFRecord|FixedLengthRecord|Sql|CSV|LMDB|MatchingFiles|DatasetTo|Bigtable).*",
            "(LMDB|WholeFile|BigQuery)Reader.*",
            "GenerateBigQuery.*",
            ".*Snapshot.*",
            "Debug(Identity|NanCount|NumericSummary).*",
            "(DataService|Rpc|TryRpc|Gcs|Kafka|Kinesis|IO>|Ignite|FileSystem).*"));

    private static final Set<String> TABLES_FROM_FILES =
            Set.of("InitializeTableFromTextFile", "InitializeTableFromTextFileV2");
    private static final Set<String> SAVING = Set.of("Save", "SaveSlices", "SaveV2", "MergeV2Checkpoints");
    private static final Set<String> RESTORING = Set.of("Restore", "RestoreSlice", "RestoreV2");
    private static final Set<String> PRINTING = Set.of("Print", "PrintV2");

    private static final Pattern KEEPING =
            Pattern.compile(".*(Assign|Enqueue|Insert|Stage|Push|Put|Scatter|Barrier|SessionHandle|Accumulat|Cache).*");

    private final Set<String> trusted;

    /** @param trusted operations that the operator allows by name */
    OpPolicy(Set<String> trusted) {
        this.trusted = Set.copyOf(trusted);
    }

    /** Names of the operations for which the graph must not be loaded, sorted; empty if it may. */
    Set<String> refused(MetaGraph graph) {
        Set<String> refused = new TreeSet<>();
        for (Node node : graph.graph().all()) {
            if (isRefusedAnywhere(node, graph)) {
                refused.add(node.op());
            }
        }
        Collection<Node> served = graph.graph().reachableFrom(graph.servedNodes());
        Collection<Node> initializing = graph.graph().reachableFrom(graph.initializingNodes());
        Collection<Node> restoring = graph.graph().reachableFrom(graph.restoringNodes());
        collect(served, SAVING, refused);
        collect(served, RESTORING, refused);
        collect(initializing, SAVING, refused);
        collect(initializing, RESTORING, refused);
        collect(restoring, SAVING, refused);
        refused.removeAll(trusted);
        return refused;
    }

    private static boolean isRefusedAnywhere(Node node, MetaGraph graph) {
        if (REFUSED.contains(node.op()) || REFUSED_FAMILIES.matcher(node.op()).matches()) {
            return true;
        }
        if (PRINTING.contains(node.op())) {
            return node.texts().stream().anyMatch(text -> text.startsWith("file:"));
        }
        return TABLES_FROM_FILES.contains(node.op()) && !readsAnAsset(node, graph);
    }

    /** Whether a table's file is one of the model's own: TensorFlow replaces such an input by the file in {@code assets/}. */
    private static boolean readsAnAsset(Node node, MetaGraph graph) {
        // In a function the name comes by an argument, which cannot be told from here, so only the main graph is
        // trusted.
        if (node.inputs().size() < 2 || !node.equals(graph.graph().nodes().get(node.name()))) {
            return false;
        }
        String file = graph.assets().get(GraphOutline.nodeOf(node.inputs().get(1)));
        return file != null && isPlainFileName(file);
    }

    private static boolean isPlainFileName(String file) {
        return !file.isEmpty() && !file.contains("/") && !file.contains("\\") && !file.equals("..");
    }

    private static void collect(Collection<Node> nodes, Set<String> ops, Set<String> refused) {
        for (Node node : nodes) {
            if (ops.contains(node.op())) {
                refused.add(node.op());
            }
        }
    }

    /**
     * Operations that clients' calls run and that may keep a tensor beyond the call (an assignment, an insertion into a table or queue).
     * Where there is one, inputs must be copied: their memory is lent for one call only.
     */
    static List<String> keepers(MetaGraph graph) {
        List<String> keepers = new ArrayList<>();
        for (Node node : graph.graph().reachableFrom(graph.servedNodes())) {
            if (KEEPING.matcher(node.op()).matches()) {
                keepers.add(node.op());
            }
        }
        return keepers;
    }
}
