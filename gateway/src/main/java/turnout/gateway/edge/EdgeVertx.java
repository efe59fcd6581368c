package turnout.gateway.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A Vert.x whose connections can be seen as they are accepted. Vert.x itself tells of one when its first head is complete, and a client
 * that never gets so far would be nobody's.
 *
 * <p>The one way in that Vert.x offers is its transport. This one is Vert.x's own, but for the server channels it makes: they show each
 * connection first. A proxy, because of that whole interface only this method and its Netty types stay what they are between releases.
 */
public final class EdgeVertx {
    private static final String FACTORY = "serverChannelFactory";

    private final Vertx vertx;
    private final Map<Integer, Predicate<Channel>> watchers;

    private EdgeVertx(Vertx vertx, Map<Integer, Predicate<Channel>> watchers) {
        this.vertx = vertx;
        this.watchers = watchers;
    }

    /** A new Vert.x on the portable transport. */
    public static EdgeVertx create(VertxOptions options) {
        Map<Integer, Predicate<Channel>> watchers = new ConcurrentHashMap<>();
        Vertx vertx = Vertx.builder()
                .with(options)
                .withTransport(new WatchedTransport(Transport.NIO, watchers))
                .build();
        return new EdgeVertx(vertx, watchers);
    }

    /** The Vert.x; whoever created this closes it. */
    public Vertx vertx() {
        return vertx;
    }

    /**
     * Shows whatever is accepted on a port from now on.
     *
     * @param admits called on the accepting thread before a byte is read; a connection it refuses is closed at once
     */
    void watch(int port, Predicate<Channel> admits) {
        watchers.put(port, admits);
    }

    /** Stands before Netty's own handler, which hands accepted channels to their event loops. */
    private static final class Doorman extends ChannelInboundHandlerAdapter {
        private final Map<Integer, Predicate<Channel>> watchers;

        Doorman(Map<Integer, Predicate<Channel>> watchers) {
            this.watchers = watchers;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Channel accepted && !admits(ctx.channel(), accepted)) {
                // It is registered with no event loop yet, hence not close().
                accepted.unsafe().closeForcibly();
                return;
            }
            ctx.fireChannelRead(message);
        }

        private boolean admits(Channel listener, Channel accepted) {
            if (!(listener.localAddress() instanceof InetSocketAddress address)) {
                return true;
            }
            Predicate<Channel> watcher = watchers.get(address.getPort());
            return watcher == null || watcher.test(accepted);
        }
    }

    private record WatchedTransport(Transport own, Map<Integer, Predicate<Channel>> watchers) implements Transport {
        @Override
        public String name() {
            return own.name();
        }

        @Override
        public boolean available() {
            return own.available();
        }

        @Override
        public @Nullable Throwable unavailabilityCause() {
            return own.unavailabilityCause();
        }

        @Override
        public io.vertx.core.spi.transport.Transport implementation() {
            io.vertx.core.spi.transport.Transport delegate = own.implementation();
            Class<io.vertx.core.spi.transport.Transport> type = io.vertx.core.spi.transport.Transport.class;
            Object proxy =
                    Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                        Object result = call(delegate, method, arguments);
                        return method.getName().equals(FACTORY) && result instanceof ChannelFactory<?> factory
                                ? watched(factory)
                                : result;
                    });
            return type.cast(proxy);
        }

        private ChannelFactory<ServerChannel> watched(ChannelFactory<?> factory) {
            return () -> {
                ServerChannel channel = (ServerChannel) factory.newChannel();
                channel.pipeline().addLast(new Doorman(watchers));
                return channel;
            };
        }

        private static Object call(Object delegate, Method method, Object[] arguments) throws Throwable {
            try {
                return method.invoke(delegate, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }
}
