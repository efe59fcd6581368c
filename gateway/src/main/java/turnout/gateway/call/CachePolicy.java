package turnout.gateway.call;

import java.time.Duration;

/**
 * A model's leave to keep results.
 *
 * @param maxBytes budget of the model
 * @param ttl how long a result may be served
 */
public record CachePolicy(long maxBytes, Duration ttl) {
    public CachePolicy {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("cache.max-bytes must not be negative, was " + maxBytes);
        }
        if (ttl.isNegative()) {
            throw new IllegalArgumentException("cache.ttl must not be negative, was " + ttl);
        }
    }
}
