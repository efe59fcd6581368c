package turnout.gateway.lifecycle;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The last versions of a model that ended, so that status can still say why. Owned by the control thread. */
final class EndedVersions {
    private static final int KEPT = 16;

    private final Map<Long, VersionStatus> byNumber = new LinkedHashMap<>();

    void add(VersionStatus version) {
        long number = version.version().number();
        byNumber.remove(number);
        byNumber.put(number, version);
        if (byNumber.size() > KEPT) {
            byNumber.remove(byNumber.keySet().iterator().next());
        }
    }

    /** It lives again. */
    void forget(long number) {
        byNumber.remove(number);
    }

    Collection<VersionStatus> all() {
        return List.copyOf(byNumber.values());
    }
}
