package turnout.spi;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A backend's own section of a configuration file: nested maps, lists, strings, whole numbers, decimals and booleans, read by key.
 *
 * <p>Every accessor throws {@link OptionException} with the key's full name, the value found and what was expected; the gateway adds file
 * and line.
 */
public final class Options {
    private final String path;
    private final Map<String, Object> values;

    /**
     * @param path where the section stands ({@code "onnx"}), prefixed to keys in messages
     * @param values by key
     */
    public Options(String path, Map<String, Object> values) {
        this.path = path;
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** A section with nothing in it. */
    public static Options empty() {
        return new Options("", Map.of());
    }

    /** The full name of a key, as messages show it. */
    public String nameOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Refuses keys that nobody reads: a misspelt option must not be ignored. */
    public void allowOnly(Set<String> keys) {
        for (String key : values.keySet()) {
            if (!keys.contains(key)) {
                throw new OptionException(
                        nameOf(key),
                        "unknown key; known here: "
                                + String.join(", ", keys.stream().sorted().toList()));
            }
        }
    }

    /** Whether the key is present. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** A whole number within bounds, both inclusive. */
    public int integer(String key, int absent, int least, int most) {
        Object value = values.get(key);
        if (value == null) {
            return absent;
        }
        if (!(value instanceof Number number) || number.doubleValue() != number.longValue()) {
            throw new OptionException(nameOf(key), "expected a whole number, got " + show(value));
        }
        if (number.longValue() < least || number.longValue() > most) {
            throw new OptionException(nameOf(key), "must be between " + least + " and " + most + ", was " + value);
        }
        return (int) number.longValue();
    }

    /** A boolean. */
    public boolean flag(String key, boolean absent) {
        Object value = values.get(key);
        if (value == null) {
            return absent;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw new OptionException(nameOf(key), "expected true or false, got " + show(value));
    }

    /** A string. */
    public String text(String key, String absent) {
        Object value = values.get(key);
        if (value == null) {
            return absent;
        }
        if (value instanceof String text) {
            return text;
        }
        throw new OptionException(nameOf(key), "expected a string, got " + show(value));
    }

    /** A list of strings, empty when absent. */
    public List<String> texts(String key) {
        Object value = values.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        throw new OptionException(nameOf(key), "expected a list of strings, got " + show(value));
    }

    /** A nested section, empty when absent. */
    public Options section(String key) {
        Object value = values.get(key);
        if (value == null) {
            return new Options(nameOf(key), Map.of());
        }
        if (value instanceof Map<?, ?> map && map.keySet().stream().allMatch(String.class::isInstance)) {
            Map<String, Object> nested = new LinkedHashMap<>();
            map.forEach((k, v) -> nested.put((String) k, v));
            return new Options(nameOf(key), nested);
        }
        throw new OptionException(nameOf(key), "expected a section, got " + show(value));
    }

    private static String show(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
