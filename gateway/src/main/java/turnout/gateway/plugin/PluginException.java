package turnout.gateway.plugin;

/** Plugins cannot be loaded safely at all; the message says what to do. */
public final class PluginException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PluginException(String message) {
        super(message, null, false, false);
    }
}
