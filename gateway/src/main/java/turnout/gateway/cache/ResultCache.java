package turnout.gateway.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.SecureRandom;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.CachePolicy;
import turnout.spi.ModelVersion;
import turnout.spi.Ticker;

/** Kept results, with a budget and a time to live per model. Safe for any thread. */
public final class ResultCache {
    private final Ticker ticker;
    private final long seed = new SecureRandom().nextLong();
    private final Map<String, Shelf> shelves = new ConcurrentHashMap<>();

    public ResultCache(Ticker ticker) {
        this.ticker = ticker;
    }

    /** Drops what one load of a version left behind; nobody could ask for it any more. */
    public void forget(ModelVersion version, long generation) {
        Shelf shelf = shelves.get(version.model());
        if (shelf != null) {
            shelf.results
                    .asMap()
                    .keySet()
                    .removeIf(key ->
                            key.generation() == generation && key.version().equals(version));
        }
    }

    /** Entries and bytes per model, for operators. */
    public Map<String, Usage> usage() {
        Map<String, Usage> usage = new TreeMap<>();
        shelves.forEach((model, shelf) -> {
            shelf.results.cleanUp();
            long bytes = shelf.results
                    .policy()
                    .eviction()
                    .map(eviction -> eviction.weightedSize().orElse(0))
                    .orElse(0L);
            usage.put(model, new Usage(shelf.results.estimatedSize(), bytes, shelf.policy.maxBytes()));
        });
        return usage;
    }

    /** Drops everything a model left behind. */
    public void clear(String model) {
        Shelf shelf = shelves.get(model);
        if (shelf != null) {
            shelf.results.invalidateAll();
        }
    }

    long seed() {
        return seed;
    }

    @Nullable
    Answer get(ResultKey key, CachePolicy policy) {
        return shelf(key.version().model(), policy).results.getIfPresent(key);
    }

    void put(ResultKey key, CachePolicy policy, Answer answer) {
        shelf(key.version().model(), policy).results.put(key, answer);
    }

    private Shelf shelf(String model, CachePolicy policy) {
        Shelf shelf = shelves.get(model);
        if (shelf != null && shelf.policy.equals(policy)) {
            return shelf;
        }
        // A changed policy starts an empty shelf: budgets and times to live of kept entries would be the old ones.
        return shelves.compute(
                model, (name, old) -> old != null && old.policy.equals(policy) ? old : new Shelf(policy, ticker));
    }

    /**
     * What a model's results take.
     *
     * @param entries how many
     * @param bytes their size
     * @param maxBytes the budget
     */
    public record Usage(long entries, long bytes, long maxBytes) {}

    private static final class Shelf {
        private final CachePolicy policy;
        private final Cache<ResultKey, Answer> results;

        Shelf(CachePolicy policy, Ticker ticker) {
            this.policy = policy;
            this.results = Caffeine.newBuilder()
                    .maximumWeight(policy.maxBytes())
                    .weigher((ResultKey key, Answer answer) ->
                            (int) Math.min(Integer.MAX_VALUE, answer.bytes() + key.weight()))
                    .expireAfterWrite(policy.ttl())
                    .ticker(ticker::nanos)
                    .executor(Runnable::run)
                    .build();
        }
    }
}
