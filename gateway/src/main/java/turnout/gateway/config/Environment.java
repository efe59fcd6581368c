package turnout.gateway.config;

import org.jspecify.annotations.Nullable;

/** Where {@code ${NAME}} in values is looked up. */
@FunctionalInterface
public interface Environment {
    /** That variable, null if it is not set. */
    @Nullable
    String get(String name);

    /** The process's own. */
    static Environment ofProcess() {
        return System::getenv;
    }
}
