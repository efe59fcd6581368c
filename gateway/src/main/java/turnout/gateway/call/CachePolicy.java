package turnout.gateway.call;

import java.time.Duration;

/**
 * A model's leave to keep results.
 *
 * @param maxBytes budget of the model
 * @param ttl how long a result may be served
 */
public record CachePolicy(long maxBytes, Duration ttl) {}
