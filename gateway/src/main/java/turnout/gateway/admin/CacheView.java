package turnout.gateway.admin;

import java.util.List;

/** Where the admin API reads what the result cache holds. Safe for any thread. */
@FunctionalInterface
public interface CacheView {
    /** One row per model that has results. */
    List<Use> uses();

    /**
     * One model's share.
     *
     * @param bytes what its results take
     * @param limit what they may take
     */
    record Use(String model, long entries, long bytes, long limit) {}
}
