package turnout.gateway.config.tfserving;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormatParseInfoTree;
import com.google.protobuf.TextFormatParseLocation;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import turnout.gateway.config.ConfigException;
import turnout.gateway.config.NearestKey;

/**
 * A message that was written as text, with the place of each field in its file.
 *
 * @param file as it is shown
 * @param message what the file says
 * @param places where it says so
 */
record TextProto<M extends Message>(String file, M message, TextFormatParseInfoTree places) {
    private static final long MOST_BYTES = 16 << 20;
    private static final Pattern LINE_AND_COLUMN = Pattern.compile("^[0-9]+:[0-9]+: ?");
    private static final Pattern UNKNOWN =
            Pattern.compile("unknown fields[^\\n]*\\n([0-9]+):([0-9]+):\\t([A-Za-z0-9_.]+)\\.([A-Za-z0-9_]+)");
    // Tries each word once and gives nothing back: the line may be as long as the file.
    private static final Pattern FIELD = Pattern.compile("\\b([A-Za-z_][A-Za-z0-9_]*+)\\s*+[:{<]");

    /**
     * Reads a file.
     *
     * @param empty says which message it holds
     * @throws ConfigException naming file, line, column and field
     */
    static <M extends Message> TextProto<M> read(Path file, M empty) {
        String text = text(file);
        Message.Builder builder = empty.newBuilderForType();
        TextFormatParseInfoTree.Builder places = TextFormatParseInfoTree.builder();
        try {
            TextFormat.Parser.newBuilder()
                    .setSingularOverwritePolicy(TextFormat.Parser.SingularOverwritePolicy.FORBID_SINGULAR_OVERWRITES)
                    .setParseInfoTreeBuilder(places)
                    .build()
                    .merge(text, builder);
        } catch (TextFormat.ParseException e) {
            throw malformed(file, text, e, empty.getDescriptorForType());
        }
        @SuppressWarnings("unchecked") // A builder of a type builds that type.
        M message = (M) builder.build();
        return new TextProto<>(file.toString(), message, places.build());
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new ConfigException(file.toString(), 0, "", "is larger than " + MOST_BYTES + " bytes");
            }
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new ConfigException(file.toString(), 0, "", "is not UTF-8");
        } catch (IOException e) {
            throw new ConfigException(
                    file.toString(), 0, "", Files.exists(file) ? "cannot be read: " + e.getMessage() : "no such file");
        }
    }

    private static ConfigException malformed(Path file, String text, TextFormat.ParseException e, Descriptor type) {
        String message = String.valueOf(e.getMessage());
        Matcher unknown = UNKNOWN.matcher(message);
        if (unknown.find()) {
            String field = unknown.group(4);
            List<String> known = fields(type, new HashMap<>()).getOrDefault(unknown.group(3), List.of());
            return new ConfigException(
                    file.toString(),
                    Integer.parseInt(unknown.group(1)),
                    Integer.parseInt(unknown.group(2)),
                    field,
                    "unknown field; "
                            + NearestKey.of(field, known)
                                    .map(near -> "did you mean \"" + near + "\"?")
                                    .orElse("known here: " + String.join(", ", known)));
        }
        return new ConfigException(
                file.toString(),
                e.getLine(),
                e.getColumn(),
                field(text, e.getLine(), e.getColumn()),
                LINE_AND_COLUMN.matcher(message).replaceFirst(""));
    }

    /** The field whose value stands at that place: the last one that begins before it on its line. */
    private static String field(String text, int line, int column) {
        List<String> lines = text.lines().toList();
        if (line < 1 || line > lines.size()) {
            return "";
        }
        String before = lines.get(line - 1);
        Matcher fields = FIELD.matcher(before.substring(0, Math.min(before.length(), Math.max(0, column - 1))));
        String last = "";
        while (fields.find()) {
            last = fields.group(1);
        }
        return last;
    }

    private static Map<String, List<String>> fields(Descriptor type, Map<String, List<String>> all) {
        if (!all.containsKey(type.getFullName())) {
            all.put(
                    type.getFullName(),
                    type.getFields().stream().map(FieldDescriptor::getName).toList());
            type.getFields().stream()
                    .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
                    .forEach(field -> fields(field.getMessageType(), all));
        }
        return all;
    }

    /** What is wrong with a field of the message. */
    ConfigException wrong(String field, String problem) {
        return wrong(places, message.getDescriptorForType(), field, 0, problem);
    }

    /**
     * What is wrong with a field of a message inside.
     *
     * @param inside where the fields of that message stand
     * @param index which of several
     */
    ConfigException wrong(TextFormatParseInfoTree inside, Descriptor type, String field, int index, String problem) {
        List<TextFormatParseLocation> said = inside.getLocations(type.findFieldByName(field));
        // Values in brackets have one place together.
        TextFormatParseLocation place =
                said.isEmpty() ? TextFormatParseLocation.EMPTY : said.get(Math.min(index, said.size() - 1));
        return new ConfigException(file, place.getLine() + 1, place.getColumn() + 1, field, problem);
    }
}
