package turnout.backend.remote;

import java.time.Duration;
import java.util.Set;
import turnout.spi.OptionException;
import turnout.spi.Options;

/**
 * The section {@code remote} of a {@code model.yaml}.
 *
 * @param connectTimeout how long an endpoint may take to accept a connection, and a fifth of what a load waits for signatures; key {@code
 *     connect-timeout-ms}
 */
record RemoteOptions(Duration connectTimeout) {
    private static final String CONNECT_TIMEOUT = "connect-timeout-ms";

    /**
     * Reads the section.
     *
     * @throws OptionException naming the key at fault
     */
    static RemoteOptions of(Options options) {
        options.allowOnly(Set.of(CONNECT_TIMEOUT));
        return new RemoteOptions(Duration.ofMillis(options.integer(CONNECT_TIMEOUT, 2000, 10, 60_000)));
    }
}
