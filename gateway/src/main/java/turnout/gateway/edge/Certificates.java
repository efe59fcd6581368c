package turnout.gateway.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileProps;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.edge.TlsConfig.PemFile;
import turnout.gateway.edge.TlsConfig.PemSource;
import turnout.gateway.edge.TlsConfig.UnreadablePemConfig;

/**
 * The listeners' certificates: read when they open, and again when the files change. New connections get the new ones; open connections
 * keep theirs. Files that do not fit together, as in the middle of a rotation, change nothing.
 */
final class Certificates {
    private static final Logger log = LoggerFactory.getLogger(Certificates.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final long MOST_BYTES = 1 << 20;
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.2", "TLSv1.3");

    private final Vertx vertx;
    private final TlsConfig config;
    private final DecodePool pool;
    private final AtomicBoolean isLooking = new AtomicBoolean();

    // The files as they were looked at last, good or not: each edit is told once.
    private volatile Map<Path, String> seen = Map.of();

    Certificates(Vertx vertx, TlsConfig config, DecodePool pool) {
        this.vertx = vertx;
        this.config = config;
        this.pool = pool;
    }

    /** Makes listeners speak TLS; fails when the files are not good. */
    Future<HttpServerOptions> applyTo(HttpServerOptions options) {
        return texts().compose(texts -> {
                    seen = texts;
                    return pems(texts);
                })
                .map(pems -> {
                    options.setSsl(true)
                            .setUseAlpn(true)
                            .setKeyCertOptions(identity(pems))
                            .setClientAuth(clientAuth())
                            .setEnabledSecureTransportProtocols(PROTOCOLS);
                    pems.clientCa().ifPresent(ca -> options.setTrustOptions(new PemTrustOptions().addCertValue(ca)));
                    return options;
                });
    }

    /** Looks at the files from now on; returns the timer's number, empty where everything stands in the configuration. */
    List<Long> watch(List<HttpServer> listeners) {
        return files().isEmpty()
                ? List.of()
                : List.of(vertx.setPeriodic(INTERVAL.toMillis(), id -> {
                    Future<Boolean> ignored = look(listeners);
                }));
    }

    /** Looks at the files once; true if the listeners got new certificates. */
    Future<Boolean> look(List<HttpServer> listeners) {
        if (!isLooking.compareAndSet(false, true)) {
            return Future.succeededFuture(false);
        }
        return texts().compose(texts -> texts.equals(seen) ? Future.succeededFuture(false) : take(texts, listeners))
                .recover(e -> {
                    log.warn("the changed TLS files are not used, the last good ones stay: {}", e.getMessage());
                    return Future.succeededFuture(false);
                })
                .onComplete(done -> isLooking.set(false));
    }

    private Future<Boolean> take(Map<Path, String> texts, List<HttpServer> listeners) {
        seen = texts;
        return pems(texts)
                .compose(pems -> {
                    List<Future<Boolean>> updates = new ArrayList<>();
                    listeners.forEach(listener -> updates.add(listener.updateSSLOptions(update(pems))));
                    return Future.all(updates);
                })
                .map(done -> {
                    log.info("the TLS files have changed: new connections get the new certificates");
                    return true;
                });
    }

    private Future<TlsPems> pems(Map<Path, String> texts) {
        return pool.run(() -> TlsPems.read(config, path -> {
            String text = texts.get(path);
            if (text == null || text.isEmpty()) {
                throw new UnreadablePemConfig("cannot be read, or is empty");
            }
            return text;
        }));
    }

    /** The texts of all files; an empty one for what cannot be read. */
    private Future<Map<Path, String>> texts() {
        Map<Path, Future<String>> reads = new HashMap<>();
        files().forEach(path -> reads.put(path, text(path)));
        return Future.all(List.copyOf(reads.values())).map(done -> {
            Map<Path, String> texts = new HashMap<>();
            reads.forEach((path, read) -> texts.put(path, read.result()));
            return texts;
        });
    }

    private Future<String> text(Path path) {
        String name = path.toString();
        return vertx.fileSystem()
                .props(name)
                .map(FileProps::size)
                .compose(size -> size > MOST_BYTES
                        ? Future.succeededFuture(Buffer.buffer())
                        : vertx.fileSystem().readFile(name))
                .map(bytes -> bytes.toString(StandardCharsets.UTF_8))
                .otherwise("");
    }

    private Set<Path> files() {
        Set<Path> files = new LinkedHashSet<>();
        Stream.concat(Stream.of(config.certificate(), config.key()), config.clientCa().stream())
                .forEach(source -> addFile(source, files));
        return files;
    }

    private static void addFile(PemSource source, Set<Path> files) {
        if (source instanceof PemFile file) {
            files.add(file.path());
        }
    }

    private ServerSSLOptions update(TlsPems pems) {
        ServerSSLOptions options = new ServerSSLOptions()
                .setKeyCertOptions(identity(pems))
                .setClientAuth(clientAuth())
                .setUseAlpn(true)
                .setEnabledSecureTransportProtocols(PROTOCOLS);
        pems.clientCa().ifPresent(ca -> options.setTrustOptions(new PemTrustOptions().addCertValue(ca)));
        return options;
    }

    private ClientAuth clientAuth() {
        return switch (config.clientAuth()) {
            case NONE -> ClientAuth.NONE;
            case REQUIRED -> ClientAuth.REQUIRED;
        };
    }

    private static PemKeyCertOptions identity(TlsPems pems) {
        return new PemKeyCertOptions().setCertValue(pems.certificate()).setKeyValue(pems.key());
    }
}
