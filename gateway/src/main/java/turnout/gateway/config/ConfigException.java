package turnout.gateway.config;

/** A configuration that cannot be: the message names file, line, key, what was found and what would do. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final int line;
    private final String key;

    /**
     * @param file as it is shown to the operator; the name of an option for a command line
     * @param line from 1, 0 where there is none
     * @param key full name, empty where there is none
     * @param problem what was found and what was expected
     */
    public ConfigException(String file, int line, String key, String problem) {
        this(file, line, 0, key, problem);
    }

    /**
     * As the other, for files whose lines hold several things.
     *
     * @param column from 1, 0 where there is none
     */
    public ConfigException(String file, int line, int column, String key, String problem) {
        super(
                file
                        + (line > 0 ? ":" + line : "")
                        + (line > 0 && column > 0 ? ":" + column : "")
                        + ": "
                        + (key.isEmpty() ? "" : key + ": ")
                        + problem,
                null,
                false,
                false);
        this.file = file;
        this.line = line;
        this.key = key;
    }

    /** The file at fault. */
    public String file() {
        return file;
    }

    /** The line at fault, from 1; 0 where there is none. */
    public int line() {
        return line;
    }

    /** The key at fault, with the sections it stands in. */
    public String key() {
        return key;
    }
}
