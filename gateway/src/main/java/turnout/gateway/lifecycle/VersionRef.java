package turnout.gateway.lifecycle;

/** How a configuration names a version: by its number or by a label that may move. */
public sealed interface VersionRef {
    /** That number. */
    record Exact(long number) implements VersionRef {
        @Override
        public String toString() {
            return Long.toString(number);
        }
    }

    /** Whatever the label points at. */
    record Label(String label) implements VersionRef {
        @Override
        public String toString() {
            return label;
        }
    }

    /** Reads a number where the text is one, a label else. */
    static VersionRef parse(String text) {
        return text.matches("[0-9]{1,18}") ? new Exact(Long.parseLong(text)) : new Label(text);
    }
}
