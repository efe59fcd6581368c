package turnout.gateway.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Keys and values in a file. A reader takes each key it knows, then calls {@link #finish()}: whatever nobody took is unknown.
 */
final class YamlSection {
    private final YamlFile file;
    private final String path;
    private final MappingNode node;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final TreeSet<String> known = new TreeSet<>();

    /** @throws ConfigException for a key that stands twice or is no plain word */
    YamlSection(YamlFile file, String path, MappingNode node) {
        this.file = file;
        this.path = path;
        this.node = node;
        for (NodeTuple tuple : node.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw file.error(tuple.getKeyNode(), path, "a key must be a plain word");
            }
            Entry earlier = entries.put(key.getValue(), new Entry(key, tuple.getValueNode()));
            if (earlier != null) {
                throw file.error(key, name(key.getValue()), "this key stands twice");
            }
            file.remember(name(key.getValue()), key);
        }
    }

    /** The value of a key that this reader knows, empty if it is absent or says nothing. */
    Optional<YamlValue> take(String key) {
        known.add(key);
        return Optional.ofNullable(entries.get(key))
                .map(entry -> new YamlValue(file, name(key), entry.value))
                .filter(value -> !value.isNull());
    }

    /** The section under a key; an empty one if it is absent. */
    YamlSection section(String key) {
        return take(key)
                .map(YamlValue::section)
                .orElseGet(() -> new YamlSection(
                        file, name(key), new MappingNode(node.getTag(), List.of(), node.getFlowStyle())));
    }

    /** Every key with its value, for sections whose keys are the operator's own words. */
    Map<String, YamlValue> all() {
        Map<String, YamlValue> all = new LinkedHashMap<>();
        for (String key : entries.keySet()) {
            take(key).ifPresent(value -> all.put(key, value));
        }
        return all;
    }

    /** Refuses whatever nobody took. */
    void finish() {
        for (Map.Entry<String, Entry> entry : entries.entrySet()) {
            if (!known.contains(entry.getKey())) {
                String nearest = NearestKey.of(entry.getKey(), known)
                        .map(key -> "did you mean \"" + name(key) + "\"?")
                        .orElse("known here: " + String.join(", ", known));
                throw file.error(entry.getValue().key, name(entry.getKey()), "unknown key; " + nearest);
            }
        }
    }

    /** Where the keys below a key stand that were read so far, by full name. */
    Map<String, Integer> linesUnder(String key) {
        return file.linesUnder(name(key) + ".");
    }

    /** See {@link YamlFile#build}. */
    <T> T build(Supplier<T> record) {
        return file.build(record);
    }

    private String name(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private record Entry(Node key, Node value) {}
}
