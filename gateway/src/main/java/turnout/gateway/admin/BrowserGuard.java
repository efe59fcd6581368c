package turnout.gateway.admin;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps web pages in somebody's browser from driving the admin API: a page elsewhere can send requests to a loopback port, and by DNS
 * rebinding even read the answers.
 */
final class BrowserGuard {
    private static final Set<String> FRIENDLY_SITES = Set.of("same-origin", "none");

    private final Set<String> hosts;

    /** @param hosts names under which this listener may be addressed, lower case, without port */
    BrowserGuard(Set<String> hosts) {
        this.hosts = Set.copyOf(hosts);
    }

    /** Why the request is refused, empty if it is not. */
    Optional<Problem> check(HttpServerRequest request) {
        List<String> headers = request.headers().getAll("Host");
        HostAndPort authority = request.authority();
        if (headers.size() > 1 || authority == null) {
            return Optional.of(new Problem(400, "bad-host", "exactly one valid Host header is expected"));
        }
        // Names are compared without the port: that differs behind a tunnel, and says nothing about who asks.
        if (!hosts.contains(plain(authority.host()))) {
            return Optional.of(new Problem(421, "unknown-host", "this listener does not answer to that host name"));
        }
        if (HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method())) {
            return Optional.empty();
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null && !FRIENDLY_SITES.contains(site.toLowerCase(Locale.ROOT))) {
            return foreign();
        }
        String origin = request.getHeader("Origin");
        if (origin != null && !isOwn(origin, authority)) {
            return foreign();
        }
        return Optional.empty();
    }

    private static boolean isOwn(String origin, HostAndPort authority) {
        String prefix = "http://";
        if (!origin.startsWith(prefix)) {
            return false;
        }
        HostAndPort from = HostAndPort.parseAuthority(origin.substring(prefix.length()), 80);
        int port = authority.port() < 0 ? 80 : authority.port();
        return from != null && plain(from.host()).equals(plain(authority.host())) && from.port() == port;
    }

    private static Optional<Problem> foreign() {
        return Optional.of(new Problem(403, "foreign-origin", "changes are not accepted from pages of other sites"));
    }

    private static String plain(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.startsWith("[") && lower.endsWith("]") ? lower.substring(1, lower.length() - 1) : lower;
    }
}
