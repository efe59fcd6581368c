package turnout.backend.tensorflow;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.SignatureDef;

/**
 * Reads a {@code saved_model.pb} by hand, field by field: the weights of a frozen graph lie in its attributes, and parsing the message as
 * a whole would hold them on the Java heap. Tensors are skipped in the stream.
 */
final class SavedModelReader {
    private static final String INIT_SIGNATURE = "__saved_model_init_op";
    private static final Set<String> INIT_COLLECTIONS = Set.of("saved_model_main_op", "legacy_init_op");

    private static final int DEEPEST = 100;

    private final CodedInputStream in;
    private int depth;

    private SavedModelReader(CodedInputStream in) {
        this.in = in;
    }

    /** One field of a message; the handler reads the value and answers true, or answers false to have it skipped. */
    private interface Fields {
        boolean read(int field) throws IOException;
    }

    /** All graphs in the file. */
    static List<MetaGraph> read(Path file) throws IOException {
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            CodedInputStream coded = CodedInputStream.newInstance(bytes);
            coded.setSizeLimit(Integer.MAX_VALUE);
            SavedModelReader reader = new SavedModelReader(coded);
            List<MetaGraph> graphs = new ArrayList<>();
            reader.fields(field -> field == 2 && graphs.add(reader.metaGraph()));
            return graphs;
        }
    }

    private MetaGraph metaGraph() throws IOException {
        Set<String> tags = new LinkedHashSet<>();
        Map<String, SignatureDef> signatures = new LinkedHashMap<>();
        GraphOutline graph = GraphOutline.empty();
        SaverDef.Builder saver = SaverDef.newBuilder();
        Set<String> initializers = new LinkedHashSet<>();
        Map<String, String> assets = new LinkedHashMap<>();
        message(field -> {
            switch (field) {
                case 1 ->
                    tags.addAll(
                            MetaGraphDef.MetaInfoDef.parseFrom(in.readBytes()).getTagsList());
                case 2 -> graph(graph);
                case 3 -> saver.mergeFrom(in.readBytes());
                case 4 -> collection(initializers);
                case 5 -> signature(signatures);
                case 6 -> asset(assets);
                default -> {
                    return false;
                }
            }
            return true;
        });
        SignatureDef init = signatures.remove(INIT_SIGNATURE);
        if (init != null) {
            init.getOutputsMap().values().forEach(output -> initializers.add(GraphOutline.nodeOf(output.getName())));
        }
        return new MetaGraph(tags, signatures, graph, saver.build(), initializers, assets);
    }

    private void signature(Map<String, SignatureDef> signatures) throws IOException {
        String[] key = {""};
        SignatureDef.Builder value = SignatureDef.newBuilder();
        message(field -> {
            switch (field) {
                case 1 -> key[0] = in.readStringRequireUtf8();
                case 2 -> value.mergeFrom(in.readBytes());
                default -> {
                    return false;
                }
            }
            return true;
        });
        signatures.put(key[0], value.build());
    }

    private void collection(Set<String> initializers) throws IOException {
        String[] key = {""};
        CollectionDef.Builder value = CollectionDef.newBuilder();
        message(field -> {
            switch (field) {
                case 1 -> key[0] = in.readString();
                case 2 -> value.mergeFrom(in.readBytes());
                default -> {
                    return false;
                }
            }
            return true;
        });
        if (INIT_COLLECTIONS.contains(key[0])) {
            value.getNodeList().getValueList().forEach(name -> initializers.add(GraphOutline.nodeOf(name)));
        }
    }

    private void asset(Map<String, String> assets) throws IOException {
        AssetFileDef asset = AssetFileDef.parseFrom(in.readBytes());
        assets.put(GraphOutline.nodeOf(asset.getTensorInfo().getName()), asset.getFilename());
    }

    private void graph(GraphOutline graph) throws IOException {
        message(field -> {
            switch (field) {
                case 1 -> {
                    GraphOutline.Node node = node();
                    graph.nodes().put(node.name(), node);
                }
                case 2 -> library(graph);
                default -> {
                    return false;
                }
            }
            return true;
        });
    }

    private void library(GraphOutline graph) throws IOException {
        message(field -> {
            switch (field) {
                case 1 -> function(graph);
                case 2 -> {
                    String[] pair = {"", ""};
                    message(part -> {
                        if (part != 1 && part != 2) {
                            return false;
                        }
                        pair[part - 1] = in.readString();
                        return true;
                    });
                    graph.gradients().put(pair[0], pair[1]);
                }
                default -> {
                    return false;
                }
            }
            return true;
        });
    }

    private void function(GraphOutline graph) throws IOException {
        String[] name = {""};
        List<GraphOutline.Node> body = new ArrayList<>();
        message(field -> {
            switch (field) {
                case 1 ->
                    message(part -> {
                        if (part != 1) {
                            return false;
                        }
                        name[0] = in.readString();
                        return true;
                    });
                case 3 -> body.add(node());
                default -> {
                    return false;
                }
            }
            return true;
        });
        graph.functions().computeIfAbsent(name[0], key -> new ArrayList<>()).addAll(body);
    }

    private GraphOutline.Node node() throws IOException {
        String[] names = {"", ""};
        List<String> inputs = new ArrayList<>();
        List<String> calls = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        message(field -> {
            switch (field) {
                case 1, 2 -> names[field - 1] = in.readString();
                case 3 -> inputs.add(in.readString());
                case 5 -> message(part -> part == 2 && attribute(calls, texts));
                default -> {
                    return false;
                }
            }
            return true;
        });
        return new GraphOutline.Node(names[0], names[1], inputs, calls, texts);
    }

    /** An AttrValue (or its ListValue): functions are field 10 of one and 9 of the other, strings are field 2 of both. */
    private boolean attribute(List<String> calls, List<String> texts) throws IOException {
        message(field -> {
            switch (field) {
                case 1 -> message(part -> listPart(part, calls, texts));
                case 2 -> texts.add(text(in.readBytes()));
                case 10 -> call(calls, texts);
                default -> {
                    return false;
                }
            }
            return true;
        });
        return true;
    }

    private boolean listPart(int field, List<String> calls, List<String> texts) throws IOException {
        switch (field) {
            case 2 -> texts.add(text(in.readBytes()));
            case 9 -> call(calls, texts);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void call(List<String> calls, List<String> texts) throws IOException {
        message(field -> {
            switch (field) {
                case 1 -> calls.add(in.readString());
                case 2 -> message(part -> part == 2 && attribute(calls, texts));
                default -> {
                    return false;
                }
            }
            return true;
        });
    }

    // Attributes may hold whole programs; only their beginnings are looked at.
    private static String text(ByteString bytes) {
        return bytes.substring(0, Math.min(bytes.size(), 256)).toStringUtf8();
    }

    private void message(Fields handler) throws IOException {
        int length = in.readRawVarint32();
        if (++depth > DEEPEST) {
            throw new IOException("messages are nested too deep");
        }
        int limit = in.pushLimit(length);
        fields(handler);
        // The stream's end looks like the message's end: only what is missing tells them apart.
        if (in.getBytesUntilLimit() > 0) {
            throw new IOException("the file ends too early");
        }
        in.popLimit(limit);
        depth--;
    }

    private void fields(Fields handler) throws IOException {
        while (true) {
            int tag = in.readTag();
            if (tag == 0) {
                return;
            }
            boolean delimited = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            if (!delimited || !handler.read(WireFormat.getTagFieldNumber(tag))) {
                in.skipField(tag);
            }
        }
    }
}
