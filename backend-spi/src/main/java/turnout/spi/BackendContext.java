package turnout.spi;

import java.nio.file.Path;
import java.util.concurrent.Executor;

/**
 * What the gateway lends a backend for its life.
 *
 * @param workers threads that may block
 * @param scratch an empty directory of the backend's own, removed at the end
 * @param ticker the clock that deadlines are on
 * @param buffers memory that the native runtimes use in place
 * @param cores processor cores that sessions may use
 */
public record BackendContext(Executor workers, Path scratch, Ticker ticker, Buffers buffers, int cores) {}
