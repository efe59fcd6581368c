package turnout.gateway.edge;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a request's head must obey beyond what the HTTP codec checks itself: the forms that proxies and servers read differently. */
final class HeadRules {
    private static final int MOST_HEADERS = 100;
    private static final Set<HttpMethod> KNOWN = Set.of(
            HttpMethod.GET,
            HttpMethod.HEAD,
            HttpMethod.POST,
            HttpMethod.PUT,
            HttpMethod.DELETE,
            HttpMethod.PATCH,
            HttpMethod.OPTIONS);

    private HeadRules() {}

    /** Why the request is refused, empty if it is not. */
    static Optional<Violation> check(HttpServerRequest request) {
        if (fields(request) > MOST_HEADERS) {
            return violation(431, "more than " + MOST_HEADERS + " header fields");
        }
        if (!KNOWN.contains(request.method())) {
            return violation(501, "unknown method");
        }
        if (request.version() == HttpVersion.HTTP_2) {
            return Optional.empty();
        }
        List<String> hosts = request.headers().getAll("Host");
        if (hosts.size() > 1) {
            return violation(400, "more than one Host header");
        }
        if (hosts.isEmpty()) {
            return request.version() == HttpVersion.HTTP_1_0 ? Optional.empty() : violation(400, "no Host header");
        }
        HostAndPort authority = HostAndPort.parseAuthority(hosts.get(0), -1);
        if (authority == null || authority.host().isEmpty()) {
            return violation(400, "invalid Host header");
        }
        if (request.headers().contains("Content-Length") && request.headers().contains("Transfer-Encoding")) {
            return violation(400, "both Content-Length and Transfer-Encoding");
        }
        return absoluteForm(request.uri(), hosts.get(0));
    }

    /** Lines, not names: a name may come many times. */
    private static int fields(HttpServerRequest request) {
        int fields = 0;
        for (Map.Entry<String, String> field : request.headers()) {
            fields += field.getKey().isEmpty() ? 0 : 1;
        }
        return fields;
    }

    private static Optional<Violation> absoluteForm(String target, String host) {
        if (target.startsWith("/") || target.equals("*")) {
            return Optional.empty();
        }
        try {
            String authority = URI.create(target).getRawAuthority();
            return authority != null && authority.equalsIgnoreCase(host)
                    ? Optional.empty()
                    : violation(400, "the request target's authority differs from the Host header");
        } catch (IllegalArgumentException e) {
            return violation(400, "invalid request target");
        }
    }

    private static Optional<Violation> violation(int status, String text) {
        return Optional.of(new Violation(status, text));
    }

    /** The status to answer with, and why. */
    record Violation(int status, String text) {}
}
