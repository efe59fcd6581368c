package turnout.backend.tensorflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;

/** The files of one SavedModel. */
final class ModelFiles {
    private static final String GRAPHS = "saved_model.pb";
    private static final String GRAPHS_AS_TEXT = "saved_model.pbtxt";
    private static final Set<String> VARIABLES = Set.of("VarHandleOp", "VariableV2", "Variable", "AutoReloadVariable");
    private static final Pattern SHARD = Pattern.compile("variables\\.data-\\d{5}-of-(\\d{5})");

    private final Path directory;

    ModelFiles(Path directory) {
        this.directory = directory;
    }

    /** Whether the directory looks like a SavedModel, by file names only. */
    static boolean areIn(Path directory) {
        return Files.isRegularFile(directory.resolve(GRAPHS)) || Files.isRegularFile(directory.resolve(GRAPHS_AS_TEXT));
    }

    /** Bytes of the graphs. */
    long graphBytes() {
        try {
            return Files.size(directory.resolve(GRAPHS));
        } catch (IOException e) {
            throw missingGraphs();
        }
    }

    /** Bytes of everything beside the graphs: variables and assets. */
    long dataBytes() {
        return bytesUnder(directory.resolve("variables")) + bytesUnder(directory.resolve("assets"));
    }

    /** The graph with exactly those tags. */
    MetaGraph graph(Set<String> tags) {
        List<MetaGraph> graphs = readGraphs();
        for (MetaGraph graph : graphs) {
            if (graph.tags().equals(tags)) {
                return graph;
            }
        }
        throw failed("no graph in the SavedModel has the tags " + new TreeSet<>(tags) + "; there are "
                + graphs.stream().map(graph -> new TreeSet<>(graph.tags())).toList());
    }

    /**
     * Refuses a directory whose copying has not finished. TensorFlow loads a graph whose variables are missing without a word, and then
     * fails on every call.
     */
    void requireVariablesOf(MetaGraph graph) {
        boolean hasVariables = graph.graph().reachableFrom(graph.servedNodes()).stream()
                .anyMatch(node -> VARIABLES.contains(node.op()));
        if (!hasVariables || graph.restoringNodes().isEmpty()) {
            return;
        }
        Path variables = directory.resolve("variables");
        if (!Files.isRegularFile(variables.resolve("variables.index"))) {
            throw failed("the variables are missing: there is no variables/variables.index (half copied?)");
        }
        int present = 0;
        int wanted = 1;
        for (String name : namesIn(variables)) {
            Matcher shard = SHARD.matcher(name);
            if (shard.matches()) {
                present++;
                wanted = Math.max(wanted, Integer.parseInt(shard.group(1)));
            }
        }
        if (present < wanted) {
            throw failed("the variables are incomplete: " + present + " of " + wanted
                    + " variables/variables.data files are there (half copied?)");
        }
    }

    private List<MetaGraph> readGraphs() {
        Path file = directory.resolve(GRAPHS);
        if (!Files.exists(file) && Files.exists(directory.resolve(GRAPHS_AS_TEXT))) {
            throw failed(
                    "the SavedModel is written as text (saved_model.pbtxt); export it again as binary saved_model.pb");
        }
        try {
            return SavedModelReader.read(file);
        } catch (NoSuchFileException e) {
            throw missingGraphs();
        } catch (IOException | RuntimeException e) {
            throw new InferenceException(ErrorCode.MODEL_FAILED, "saved_model.pb is not a SavedModel or is damaged", e);
        }
    }

    private static List<String> namesIn(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        } catch (IOException e) {
            throw failed("the variables cannot be read");
        }
    }

    private static long bytesUnder(Path directory) {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(ModelFiles::size)
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            throw failed("the model's files cannot be read");
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InferenceException missingGraphs() {
        return failed("there is no saved_model.pb in the version's directory");
    }

    private static InferenceException failed(String why) {
        return new InferenceException(ErrorCode.MODEL_FAILED, why);
    }
}
