package turnout.gateway.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;

/** One YAML file as a tree whose every value knows its line. Used by one thread. */
final class YamlFile {
    private static final int MOST_BYTES = 1 << 20;
    private static final int DEEPEST = 50;
    private static final int MOST_ALIASES = 50;
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?}");

    private final String shownAs;
    private final Environment environment;
    private final Map<String, Integer> lines = new HashMap<>();

    private YamlFile(String shownAs, Environment environment) {
        this.shownAs = shownAs;
        this.environment = environment;
    }

    /**
     * Reads a file whose top is a section; an empty file is an empty section.
     *
     * @param shownAs the file's name in messages
     */
    static YamlSection read(Path file, String shownAs, Environment environment) {
        YamlFile yaml = new YamlFile(shownAs, environment);
        Node root = yaml.compose(text(file, shownAs));
        if (root instanceof MappingNode mapping) {
            return new YamlSection(yaml, "", mapping);
        }
        throw yaml.error(root, "", "expected a section of keys and values at the top");
    }

    /** A section that says nothing. */
    static YamlSection empty(String shownAs, Environment environment) {
        return new YamlSection(
                new YamlFile(shownAs, environment), "", new MappingNode(Tag.MAP, List.of(), FlowStyle.BLOCK));
    }

    private static String text(Path file, String shownAs) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new ConfigException(shownAs, 0, "", "is larger than " + MOST_BYTES + " bytes");
            }
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new ConfigException(shownAs, 0, "", "is not UTF-8");
        } catch (IOException e) {
            throw new ConfigException(
                    shownAs, 0, "", Files.exists(file) ? "cannot be read: " + e.getMessage() : "no such file");
        }
    }

    private Node compose(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setUseMarks(true)
                .setLabel(shownAs)
                .setMaxAliasesForCollections(MOST_ALIASES)
                .build();
        try {
            checkEvents(settings, text);
            return new Compose(settings)
                    .composeString(text)
                    .orElseGet(() -> new MappingNode(Tag.MAP, List.of(), FlowStyle.BLOCK));
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
            throw new ConfigException(shownAs, line, "", "is not valid YAML: " + e.getProblem());
        } catch (ReaderException e) {
            int line = 1
                    + (int) text.codePoints()
                            .limit(e.getPosition())
                            .filter(c -> c == '\n')
                            .count();
            throw new ConfigException(
                    shownAs,
                    line,
                    "",
                    "is not valid YAML: the character " + Integer.toHexString(e.getCodePoint())
                            + " (hex) is not allowed");
        } catch (YamlEngineException e) {
            throw new ConfigException(shownAs, 0, "", "is not valid YAML: " + e.getMessage());
        }
    }

    /** Some mistakes come without a place: the line is that of what was read last. */
    private boolean hasNext(Iterator<Event> events, int line) {
        try {
            return events.hasNext();
        } catch (MarkedYamlEngineException | ReaderException e) {
            throw e;
        } catch (YamlEngineException e) {
            throw new ConfigException(shownAs, line, "", "is not valid YAML: " + e.getMessage());
        }
    }

    /** Composing a node recurses, and its failures tell no line: the events show first how deep it would go. */
    private void checkEvents(LoadSettings settings, String text) {
        int depth = 0;
        int aliases = 0;
        int line = 0;
        Iterator<Event> events = new Parse(settings).parseString(text).iterator();
        while (hasNext(events, line)) {
            Event event = events.next();
            line = event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
            depth += event instanceof CollectionStartEvent ? 1 : event instanceof CollectionEndEvent ? -1 : 0;
            aliases += event instanceof AliasEvent ? 1 : 0;
            if (depth > DEEPEST || aliases > MOST_ALIASES) {
                throw new ConfigException(
                        shownAs,
                        line,
                        "",
                        depth > DEEPEST
                                ? "is nested deeper than " + DEEPEST + " levels"
                                : "has more than " + MOST_ALIASES + " aliases");
            }
        }
    }

    /** The text with {@code ${NAME}} and {@code ${NAME:default}} replaced from the environment. */
    String substitute(Node node, String key, String text) {
        Matcher matcher = VARIABLE.matcher(text);
        StringBuilder result = new StringBuilder();
        while (matcher.find()) {
            String value = environment.get(matcher.group(1));
            if (value == null) {
                value = matcher.group(2);
            }
            if (value == null) {
                throw error(
                        node,
                        key,
                        "the environment variable " + matcher.group(1) + " is not set; give it a default by ${"
                                + matcher.group(1) + ":default}");
            }
            matcher.appendReplacement(result, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(result).toString();
    }

    void remember(String key, Node node) {
        lines.put(key, line(node));
    }

    ConfigException error(Node node, String key, String problem) {
        return new ConfigException(shownAs, line(node), key, problem);
    }

    /** Builds a record that checks itself, and adds file and line to what it says. */
    <T> T build(Supplier<T> record) {
        try {
            return record.get();
        } catch (IllegalArgumentException e) {
            String problem = String.valueOf(e.getMessage());
            // The record knows its key's name and not where it stands: the longest key that the message names is the
            // one.
            Optional<String> key = lines.keySet().stream()
                    .filter(problem::contains)
                    .max(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
            throw new ConfigException(shownAs, key.map(lines::get).orElse(0), key.orElse(""), problem);
        }
    }

    /** Adds file and line to what a backend says of a key. */
    ConfigException refused(String key, Node section, String problem) {
        Integer line = lines.get(key);
        return new ConfigException(shownAs, line == null ? line(section) : line, key, problem);
    }

    Map<String, Integer> linesUnder(String prefix) {
        Map<String, Integer> under = new HashMap<>(lines);
        under.keySet().removeIf(key -> !key.startsWith(prefix));
        return under;
    }

    private static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).map(line -> line + 1).orElse(0);
    }
}
