package turnout.gateway.plugin;

import java.util.function.Supplier;
import turnout.spi.BackendProvider;

/**
 * Calls into a plugin with the plugin's class loader as the thread's own: libraries inside it look for their services there, and would
 * find the gateway's, which are other classes of the same names.
 */
public final class InPlugin {
    private InPlugin() {}

    /** Calls with the loader of the provider's class; threads that the plugin starts meanwhile inherit it. */
    public static <T> T call(BackendProvider provider, Supplier<T> task) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(provider.getClass().getClassLoader());
        try {
            return task.get();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
