package turnout.spi;

/** An option that cannot be: names the key and what would do. */
public final class OptionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String key;

    /**
     * @param key the key's full name
     * @param problem what was found and what was expected
     */
    public OptionException(String key, String problem) {
        super(key + ": " + problem, null, false, false);
        this.key = key;
    }

    /** The key at fault, with the section it stands in. */
    public String key() {
        return key;
    }
}
