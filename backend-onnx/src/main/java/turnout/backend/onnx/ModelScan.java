package turnout.backend.onnx;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What must be known of an ONNX file before the runtime gets it, and what the runtime does not tell afterwards.
 *
 * @param externalFiles every file that a tensor anywhere in the model wants to read, as the model writes it
 * @param withoutShape graph inputs and outputs that declare no shape: the runtime shows them as if they were scalars
 */
record ModelScan(Set<String> externalFiles, Set<String> withoutShape) {
    static ModelScan of(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Walk walk = new Walk(new ProtobufReader(channel));
            walk.message(Message.MODEL, channel.size(), 0);
            return new ModelScan(Set.copyOf(walk.externalFiles), Set.copyOf(walk.withoutShape));
        }
    }

    /** The messages of onnx.proto on the way to a tensor or to a declared shape, with the numbers of the fields that lead on. */
    private enum Message {
        MODEL,
        MAIN_GRAPH,
        GRAPH,
        TRAINING,
        FUNCTION,
        NODE,
        ATTRIBUTE,
        SPARSE_TENSOR,
        TENSOR,
        EXTERNAL_ENTRY,
        VALUE,
        TYPE,
        TENSOR_TYPE,
        /** A tensor's dimensions; that it is there is all we ask. */
        SHAPE;

        Map<Integer, Message> fields() {
            return switch (this) {
                case MODEL -> Map.of(7, MAIN_GRAPH, 20, TRAINING, 25, FUNCTION);
                case MAIN_GRAPH -> Map.of(1, NODE, 5, TENSOR, 11, VALUE, 12, VALUE, 15, SPARSE_TENSOR);
                case GRAPH -> Map.of(1, NODE, 5, TENSOR, 15, SPARSE_TENSOR);
                case TRAINING -> Map.of(1, GRAPH, 2, GRAPH);
                case FUNCTION -> Map.of(7, NODE, 11, ATTRIBUTE);
                case NODE -> Map.of(5, ATTRIBUTE);
                case ATTRIBUTE ->
                    Map.of(5, TENSOR, 6, GRAPH, 10, TENSOR, 11, GRAPH, 22, SPARSE_TENSOR, 23, SPARSE_TENSOR);
                case SPARSE_TENSOR -> Map.of(1, TENSOR, 2, TENSOR);
                case TENSOR -> Map.of(13, EXTERNAL_ENTRY);
                case VALUE -> Map.of(2, TYPE);
                case TYPE -> Map.of(1, TENSOR_TYPE);
                case TENSOR_TYPE -> Map.of(2, SHAPE);
                case EXTERNAL_ENTRY, SHAPE -> Map.of();
            };
        }
    }

    private static final class Walk {
        // Protobuf's own limit.
        private static final int DEEPEST = 100;
        private static final int LONGEST_NAME = 64 * 1024;

        private final ProtobufReader reader;
        private final Set<String> externalFiles = new LinkedHashSet<>();
        private final Set<String> withoutShape = new LinkedHashSet<>();

        // Of the message that is being read; these messages do not nest in themselves.
        private String name = "";
        private String value = "";
        private boolean shaped;

        Walk(ProtobufReader reader) {
            this.reader = reader;
        }

        void message(Message message, long end, int depth) throws IOException {
            if (depth > DEEPEST) {
                throw new ProtobufReader.MalformedException("nested deeper than " + DEEPEST);
            }
            if (message == Message.VALUE || message == Message.EXTERNAL_ENTRY) {
                name = "";
                value = "";
                shaped = false;
            }
            shaped |= message == Message.SHAPE;
            Map<Integer, Message> fields = message.fields();
            while (reader.position() < end) {
                long tag = reader.varint();
                int number = (int) (tag >>> 3);
                int wireType = (int) (tag & 7);
                Message inner = fields.get(number);
                if (wireType != ProtobufReader.LENGTH_DELIMITED) {
                    reader.skip(wireType, end);
                } else if (inner != null) {
                    long innerEnd = reader.length(end) + reader.position();
                    message(inner, innerEnd, depth + 1);
                } else if (!text(message, number, end)) {
                    reader.skip(wireType, end);
                }
            }
            if (reader.position() != end) {
                throw new ProtobufReader.MalformedException("a field ends outside its message");
            }
            finish(message);
        }

        private boolean text(Message message, int number, long end) throws IOException {
            boolean isName = number == 1 && (message == Message.VALUE || message == Message.EXTERNAL_ENTRY);
            boolean isValue = number == 2 && message == Message.EXTERNAL_ENTRY;
            if (!isName && !isValue) {
                return false;
            }
            String text = reader.text(reader.length(end), LONGEST_NAME);
            if (isName) {
                name = text;
            } else {
                value = text;
            }
            return true;
        }

        private void finish(Message message) {
            if (message == Message.EXTERNAL_ENTRY && name.equals("location")) {
                externalFiles.add(value);
            }
            if (message == Message.VALUE && !shaped) {
                withoutShape.add(name);
            }
        }
    }
}
