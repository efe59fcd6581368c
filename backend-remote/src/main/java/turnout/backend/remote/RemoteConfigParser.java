package turnout.backend.remote;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import turnout.backend.remote.RemoteConfig.HostPort;
import turnout.backend.remote.RemoteConfig.Labelled;
import turnout.backend.remote.RemoteConfig.Latest;
import turnout.backend.remote.RemoteConfig.Numbered;
import turnout.backend.remote.RemoteConfig.VersionChoice;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;

/** Reads a {@code remote.yaml}; what is wrong in it is reported with its line and key. */
final class RemoteConfigParser {
    private static final List<String> KEYS = List.of("endpoints", "label", "model", "version");

    private RemoteConfigParser() {}

    /**
     * Reads the file's text.
     *
     * @throws InferenceException {@link ErrorCode#MODEL_FAILED} naming line and key
     */
    static RemoteConfig parse(String text) {
        Map<String, Node> values = values(root(text));
        Node endpoints = values.get("endpoints");
        if (endpoints == null) {
            throw wrong("endpoints is missing: expected a list of host:port");
        }
        return new RemoteConfig(endpoints(endpoints), text(values, "model").orElse(""), choice(values));
    }

    private static Node root(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(RemoteConfig.FILE)
                .setUseMarks(true)
                .build();
        try {
            return new Compose(settings)
                    .composeString(text)
                    .orElseThrow(() -> wrong("the file is empty: expected endpoints"));
        } catch (MarkedYamlEngineException e) {
            throw wrong(at(e.getProblemMark()) + "not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw wrong("not YAML");
        }
    }

    private static Map<String, Node> values(Node root) {
        if (!(root instanceof MappingNode mapping)) {
            throw wrong(at(root) + "expected keys with values");
        }
        Map<String, Node> values = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Node keyNode = tuple.getKeyNode();
            String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "";
            if (!KEYS.contains(key)) {
                throw wrong(at(keyNode) + "unknown key \"" + key + "\"; known here: " + String.join(", ", KEYS));
            }
            if (values.put(key, tuple.getValueNode()) != null) {
                throw wrong(at(keyNode) + key + " is there twice");
            }
        }
        return values;
    }

    private static List<HostPort> endpoints(Node node) {
        if (!(node instanceof SequenceNode sequence) || sequence.getValue().isEmpty()) {
            throw wrong(at(node) + "endpoints: expected a list of host:port");
        }
        List<HostPort> endpoints = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            HostPort endpoint = hostPort(item);
            if (endpoints.contains(endpoint)) {
                throw wrong(at(item) + "endpoints: one is there twice");
            }
            endpoints.add(endpoint);
        }
        return endpoints;
    }

    private static HostPort hostPort(Node node) {
        String text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        String port = text.substring(colon + 1);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        if (!host.matches(bracketed ? "[0-9a-fA-F:.%]+" : "[A-Za-z0-9._-]+")
                || !port.matches("[0-9]{1,5}")
                || Integer.parseInt(port) < 1
                || Integer.parseInt(port) > 65_535) {
            throw wrong(at(node) + "endpoints: expected host:port, such as serving.example:8500 or [::1]:8500");
        }
        return new HostPort(host, Integer.parseInt(port));
    }

    private static VersionChoice choice(Map<String, Node> values) {
        Node version = values.get("version");
        Optional<String> label = text(values, "label");
        if (version == null) {
            return label.<VersionChoice>map(Labelled::new).orElseGet(Latest::new);
        }
        if (label.isPresent()) {
            throw wrong(at(version) + "version and label exclude each other");
        }
        if (version instanceof ScalarNode scalar && scalar.getValue().matches("[0-9]{1,18}")) {
            return new Numbered(Long.parseLong(scalar.getValue()));
        }
        throw wrong(at(version) + "version: expected a whole number, 0 or greater");
    }

    private static Optional<String> text(Map<String, Node> values, String key) {
        Node node = values.get(key);
        if (node == null) {
            return Optional.empty();
        }
        if (node instanceof ScalarNode scalar
                && !scalar.getTag().equals(Tag.NULL)
                && !scalar.getValue().isBlank()) {
            return Optional.of(scalar.getValue());
        }
        throw wrong(at(node) + key + ": expected a name");
    }

    private static String at(Node node) {
        return at(node.getStartMark());
    }

    private static String at(Optional<Mark> mark) {
        return mark.map(m -> "line " + (m.getLine() + 1) + ": ").orElse("");
    }

    private static InferenceException wrong(String problem) {
        return new InferenceException(ErrorCode.MODEL_FAILED, RemoteConfig.FILE + ": " + problem);
    }
}
