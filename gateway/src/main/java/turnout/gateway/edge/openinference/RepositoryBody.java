package turnout.gateway.edge.openinference;

import java.util.HashSet;
import java.util.Set;

/** The small JSON bodies of the repository extension; an empty body says nothing. */
final class RepositoryBody {
    private RepositoryBody() {}

    /** Whether the index is wanted of what is ready only. */
    static boolean wantsOnlyReady(byte[] body) {
        boolean ready = false;
        if (body.length == 0) {
            return false;
        }
        JsonReader in = new JsonReader(body, 0, body.length);
        in.beginObject("the request");
        for (String key = in.nextKey(); key != null; key = in.nextKey()) {
            if (key.equals("ready")) {
                ready = in.bool(key);
            } else {
                in.skipValue();
            }
        }
        in.finish();
        return ready;
    }

    /** Names of the parameters of a load or unload. */
    static Set<String> parameters(byte[] body) {
        Set<String> names = new HashSet<>();
        if (body.length == 0) {
            return names;
        }
        JsonReader in = new JsonReader(body, 0, body.length);
        in.beginObject("the request");
        for (String key = in.nextKey(); key != null; key = in.nextKey()) {
            if (!key.equals("parameters")) {
                in.skipValue();
            } else if (!in.takeNull()) {
                keys(in, names);
            }
        }
        in.finish();
        return names;
    }

    private static void keys(JsonReader in, Set<String> names) {
        in.beginObject("parameters");
        for (String name = in.nextKey(); name != null; name = in.nextKey()) {
            names.add(name);
            in.skipValue();
        }
    }
}
