package turnout.gateway.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Short names of platforms. */
final class Platforms {
    private static final Map<String, String> SHORT = Map.of("tensorflow", "tensorflow_savedmodel");

    private Platforms() {}

    /** The platform that a name in a file means. */
    static String named(String name) {
        return SHORT.getOrDefault(name, name);
    }

    /** Every name that means a platform, its own first. */
    static List<String> namesOf(String platform) {
        List<String> names = new ArrayList<>(List.of(platform));
        SHORT.forEach((name, meant) -> {
            if (meant.equals(platform)) {
                names.add(name);
            }
        });
        return names;
    }
}
