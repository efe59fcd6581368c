package turnout.gateway.edge;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the listeners accept.
 *
 * @param listen addresses of the data port, at least one
 * @param bodyBytes largest request body (and gRPC message)
 * @param inflatedBytes largest request body after decompression
 * @param incomingBytes bytes that requests without an answer may have sent, all together
 * @param connections most connections open at a time
 * @param headTimeout how long a request's head may take, from its first byte
 * @param bodyGrace how long a body may take before its rate counts
 * @param bodyBytesPerSecond least rate of a body after that
 * @param writeStall how long a client may not read before its connection is closed
 * @param keepAlive how long an idle connection is kept
 * @param eventLoops event loops that accept, at least one
 * @param tls empty for listeners in the clear
 * @param cors whether web pages of other origins may use TensorFlow Serving's REST interface
 */
public record EdgeConfig(
        List<Address> listen,
        long bodyBytes,
        long inflatedBytes,
        long incomingBytes,
        int connections,
        Duration headTimeout,
        Duration bodyGrace,
        long bodyBytesPerSecond,
        Duration writeStall,
        Duration keepAlive,
        int eventLoops,
        Optional<TlsConfig> tls,
        Cors cors) {
    public EdgeConfig {
        listen = List.copyOf(listen);
        require(!listen.isEmpty(), "listen must name at least one address");
        require(
                bodyBytes > 0 && bodyBytes <= Integer.MAX_VALUE - 1024,
                "limits.body must be between 1 and 2 GiB, was " + bodyBytes);
        require(
                inflatedBytes > 0 && inflatedBytes <= Integer.MAX_VALUE - 1024,
                "limits.inflated-body must be between 1 and 2 GiB, was " + inflatedBytes);
        require(incomingBytes >= 1, "limits.incoming-bytes must be at least 1, was " + incomingBytes);
        require(connections >= 1, "limits.connections must be at least 1, was " + connections);
        positive("limits.head-timeout", headTimeout);
        positive("limits.body-grace", bodyGrace);
        positive("limits.write-stall", writeStall);
        positive("limits.keep-alive", keepAlive);
        require(bodyBytesPerSecond >= 0, "limits.body-rate must not be negative, was " + bodyBytesPerSecond);
        require(eventLoops >= 1, "event-loops must be at least 1, was " + eventLoops);
    }

    /** Everything at its default, on those addresses. */
    public static EdgeConfig defaults(List<Address> listen) {
        return new EdgeConfig(
                listen,
                64L << 20,
                64L << 20,
                Runtime.getRuntime().maxMemory() / 2,
                10_000,
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                1024,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                Optional.empty(),
                Cors.OFF);
    }

    /** The same with TLS. */
    public EdgeConfig withTls(TlsConfig other) {
        return with(Optional.of(other), cors);
    }

    /** The same for web pages of other origins. */
    public EdgeConfig withCors(Cors other) {
        return with(tls, other);
    }

    private EdgeConfig with(Optional<TlsConfig> otherTls, Cors otherCors) {
        return new EdgeConfig(
                listen,
                bodyBytes,
                inflatedBytes,
                incomingBytes,
                connections,
                headTimeout,
                bodyGrace,
                bodyBytesPerSecond,
                writeStall,
                keepAlive,
                eventLoops,
                otherTls,
                otherCors);
    }

    private static void positive(String key, Duration duration) {
        require(
                duration.compareTo(Duration.ofMillis(1)) >= 0 && duration.compareTo(Duration.ofDays(1)) <= 0,
                key + " must be between 1 ms and 1 day, was " + duration);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Whether browsers are told that pages of other origins may call. */
    public enum Cors {
        OFF,
        ON
    }

    /** A host (empty for all interfaces) and a port (0 for any free one). */
    public record Address(String host, int port) {
        // All four numbers: 127.evil.example is a name that may lead anywhere.
        private static final Pattern LOOPBACK =
                Pattern.compile("127(\\.(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}");

        public Address {
            require(port >= 0 && port <= 65_535, "port must be between 0 and 65535, was " + port);
        }

        /** The host to bind: all interfaces where none was named. */
        public String bindHost() {
            return host.isEmpty() ? "0.0.0.0" : host;
        }

        /** Whether only this machine can reach it. */
        public boolean isLoopback() {
            return host.equals("localhost")
                    || host.equals("::1")
                    || LOOPBACK.matcher(host).matches();
        }

        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }
}
