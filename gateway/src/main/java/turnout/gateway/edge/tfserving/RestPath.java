package turnout.gateway.edge.tfserving;

import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.call.Words;

/**
 * A verb and a path of TensorFlow Serving's REST interface, understood.
 *
 * @param action what is wanted
 * @param target of which model and version; an empty name for {@link Action#LIST}
 */
record RestPath(Action action, Target target) {
    private static final String PREFIX = "/v1/models";

    /** What a request wants. */
    enum Action {
        PREDICT,
        CLASSIFY,
        REGRESS,
        STATUS,
        METADATA,
        LIST
    }

    /**
     * Understands a request. Words count in any case; names and labels are percent-decoded exactly once, after the path was taken apart, so
     * that they may hold any sign.
     *
     * @param path as it stands on the wire, without the query
     * @throws RefusedException when nothing is served there
     */
    static RestPath parse(HttpMethod verb, String path) {
        return new Parser(verb, path).parse();
    }

    /** One walk over the path. */
    private static final class Parser {
        private final HttpMethod verb;
        private final String path;
        private int at;

        Parser(HttpMethod verb, String path) {
            this.verb = verb;
            this.path = path;
        }

        RestPath parse() {
            boolean isGet = verb.equals(HttpMethod.GET);
            if (!(isGet || verb.equals(HttpMethod.POST)) || !word(PREFIX)) {
                throw malformed();
            }
            if (at == path.length() && isGet) {
                return new RestPath(Action.LIST, new Target("", VersionSelector.ANY));
            }
            if (!word("/")) {
                throw malformed();
            }
            String model = decode(name());
            VersionSelector selector = selector();
            Action action = isGet ? read() : inference();
            if (at != path.length()) {
                throw malformed();
            }
            return new RestPath(action, new Target(model, selector));
        }

        private VersionSelector selector() {
            if (word("/versions/")) {
                int start = at;
                while (at < path.length() && path.charAt(at) >= '0' && path.charAt(at) <= '9') {
                    at++;
                }
                return version(path.substring(start, at));
            }
            if (word("/labels/")) {
                return new VersionSelector.Labelled(decode(name()));
            }
            return VersionSelector.ANY;
        }

        private VersionSelector version(String digits) {
            if (digits.isEmpty() || (at < path.length() && path.charAt(at) != ':' && path.charAt(at) != '/')) {
                throw malformed();
            }
            try {
                return new VersionSelector.Exactly(Long.parseLong(digits));
            } catch (NumberFormatException e) {
                throw refused("Failed to convert version: " + Words.cut(digits) + " to numeric.");
            }
        }

        private Action read() {
            return word("/metadata") ? Action.METADATA : Action.STATUS;
        }

        private Action inference() {
            for (Action action : new Action[] {Action.PREDICT, Action.CLASSIFY, Action.REGRESS}) {
                if (path.substring(at).equalsIgnoreCase(":" + action.name().toLowerCase(Locale.ROOT))) {
                    at = path.length();
                    return action;
                }
            }
            throw malformed();
        }

        /** Passes that text if it comes next. */
        private boolean word(String expected) {
            if (!path.regionMatches(true, at, expected, 0, expected.length())) {
                return false;
            }
            at += expected.length();
            return true;
        }

        private String name() {
            int start = at;
            while (at < path.length() && path.charAt(at) != '/' && path.charAt(at) != ':') {
                at++;
            }
            if (at == start) {
                throw malformed();
            }
            return path.substring(start, at);
        }

        private RefusedException malformed() {
            return refused("Malformed request: " + verb.name() + " " + path);
        }
    }

    /** Percent-decodes once; a percent sign that starts no escape stands for itself. Not {@link java.net.URLDecoder}: plus is plus. */
    private static String decode(String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        byte[] text = encoded.getBytes(StandardCharsets.UTF_8);
        ByteSink decoded = new ByteSink(text.length);
        for (int i = 0; i < text.length; i++) {
            int high = text[i] == '%' && i + 2 < text.length ? Character.digit(text[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(text[i + 2], 16) : -1;
            if (low >= 0) {
                decoded.put(high << 4 | low);
                i += 2;
            } else {
                decoded.put(text[i]);
            }
        }
        return new String(decoded.array(), 0, decoded.size(), StandardCharsets.UTF_8);
    }

    private static RefusedException refused(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }
}
