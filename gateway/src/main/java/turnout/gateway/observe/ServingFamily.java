package turnout.gateway.observe;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** All series of one name. Values of labels come from the catalog and from fixed lists, never from a client, so they are few. */
final class ServingFamily<S> {
    /** Writes one series. */
    interface Writer<S> {
        void write(S series, String name, String labels, StringBuilder text);
    }

    private final String name;
    private final String type;
    private final List<String> labels;
    private final Supplier<S> maker;
    private final Writer<S> writer;
    private final Map<List<String>, S> series = new ConcurrentHashMap<>();

    ServingFamily(String name, String type, List<String> labels, Supplier<S> maker, Writer<S> writer) {
        this.name = name;
        this.type = type;
        this.labels = labels;
        this.maker = maker;
        this.writer = writer;
    }

    /** The series with these values of the labels, in their order. */
    S of(String... values) {
        return series.computeIfAbsent(List.of(values), key -> maker.get());
    }

    /** Drops the series whose first label has that value. */
    void forget(String first) {
        series.keySet().removeIf(values -> !values.isEmpty() && values.get(0).equals(first));
    }

    void write(StringBuilder text) {
        if (series.isEmpty()) {
            return;
        }
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        series.forEach((values, one) -> writer.write(one, name, pairs(values), text));
    }

    private String pairs(List<String> values) {
        StringBuilder pairs = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            pairs.append(i == 0 ? "" : ",").append(labels.get(i)).append("=\"");
            pairs.append(escaped(values.get(i))).append('"');
        }
        return pairs.toString();
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
