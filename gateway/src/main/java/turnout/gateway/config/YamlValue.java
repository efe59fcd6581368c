package turnout.gateway.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** One value in a file, read as what its key asks for. Every method fails with file, line, key, what stands there and what would do. */
final class YamlValue {
    private static final int DEEPEST = 16;
    private static final Tag JSON_NULL = Tag.NULL;

    private final YamlFile file;
    private final String key;
    private final Node node;

    YamlValue(YamlFile file, String key, Node node) {
        this.file = file;
        this.key = key;
        this.node = node;
    }

    /** The key's full name. */
    String key() {
        return key;
    }

    boolean isNull() {
        return node.getTag().equals(JSON_NULL);
    }

    boolean isSection() {
        return node instanceof MappingNode;
    }

    String text() {
        return scalar("a text");
    }

    int integer(int least, int most) {
        long number = number("a whole number");
        if (number < least || number > most) {
            throw wrong("must be between " + least + " and " + most + ", was " + number);
        }
        return (int) number;
    }

    long version() {
        String text = scalar("a version number");
        if (!text.matches("[0-9]{1,18}")) {
            throw wrong("expected a version number, got " + show(text));
        }
        return Long.parseLong(text);
    }

    boolean flag() {
        String text = scalar("true or false");
        if (text.equals("true") || text.equals("false")) {
            return text.equals("true");
        }
        throw wrong("expected true or false, got " + show(text));
    }

    long bytes() {
        return parsed("a size like 64MiB", Quantities::bytes);
    }

    Duration duration() {
        return parsed("a duration like 30s, 5m or 0ms", Quantities::duration);
    }

    /** One of those words, read as the constant of that name. */
    <E extends Enum<E>> E oneOf(Class<E> type) {
        List<String> words = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
        String text = scalar("one of " + String.join(", ", words));
        int index = words.indexOf(text);
        if (index < 0) {
            throw wrong("expected one of " + String.join(", ", words) + ", got " + show(text));
        }
        return type.getEnumConstants()[index];
    }

    /** Reads the text by a function that gives nothing where it makes no sense. */
    <T> T parsed(String expected, Function<String, Optional<T>> parser) {
        String text = scalar(expected);
        return parser.apply(text).orElseThrow(() -> wrong("expected " + expected + ", got " + show(text)));
    }

    List<YamlValue> items() {
        if (!(node instanceof SequenceNode sequence)) {
            throw wrong("expected a list, got " + show());
        }
        List<YamlValue> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            items.add(new YamlValue(file, key, item));
        }
        return items;
    }

    YamlSection section() {
        if (node instanceof MappingNode mapping) {
            return new YamlSection(file, key, mapping);
        }
        throw wrong("expected a section, got " + show());
    }

    /** The section as plain maps, lists, strings, numbers and booleans, for a backend to read. */
    Map<String, Object> plainSection() {
        return plainSection(this, 0);
    }

    ConfigException wrong(String problem) {
        return file.error(node, key, problem);
    }

    /** What a backend says of a key of its section, with file and line. */
    ConfigException refused(String fullKey, String problem) {
        return file.refused(fullKey, node, problem);
    }

    private static Map<String, Object> plainSection(YamlValue value, int depth) {
        Map<String, Object> plain = new LinkedHashMap<>();
        value.section().all().forEach((name, entry) -> plain.put(name, plain(entry, depth + 1)));
        return plain;
    }

    private static Object plain(YamlValue value, int depth) {
        if (depth > DEEPEST) {
            throw value.wrong("is nested deeper than " + DEEPEST);
        }
        if (value.node instanceof MappingNode) {
            return plainSection(value, depth);
        }
        if (value.node instanceof SequenceNode) {
            return value.items().stream().map(item -> plain(item, depth + 1)).toList();
        }
        return value.plainScalar();
    }

    private Object plainScalar() {
        ScalarNode scalar = (ScalarNode) node;
        String text = scalar("a value");
        Tag tag = scalar.isPlain()
                ? LoadSettings.builder().build().getSchema().getScalarResolver().resolve(text, true)
                : Tag.STR;
        try {
            if (tag.equals(Tag.INT)) {
                return Long.parseLong(text);
            }
            if (tag.equals(Tag.FLOAT)) {
                return Double.parseDouble(text);
            }
        } catch (NumberFormatException e) {
            return text;
        }
        return tag.equals(Tag.BOOL) ? (Object) Boolean.valueOf(text) : text;
    }

    private long number(String expected) {
        return parsed(
                expected, text -> text.matches("-?[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty());
    }

    private String scalar(String expected) {
        if (!(node instanceof ScalarNode scalar)) {
            throw wrong("expected " + expected + ", got " + show());
        }
        return file.substitute(node, key, scalar.getValue());
    }

    private String show() {
        if (node instanceof ScalarNode scalar) {
            return show(scalar.getValue());
        }
        return node instanceof SequenceNode ? "a list" : "a section";
    }

    private static String show(String text) {
        return "\"" + (text.length() <= 60 ? text : text.substring(0, 60) + "...") + "\"";
    }
}
