package turnout.gateway.call;

import java.util.Locale;

/** What the result cache did for a call. */
public enum CacheOutcome {
    /** Answered from the cache. */
    HIT,
    /** Looked for, not found, run. */
    MISS,
    /** Waited for the run of an identical call. */
    JOINED,
    /** The model does not allow caching. */
    OFF;

    /** As it stands in {@code x-turnout-cache}. */
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
