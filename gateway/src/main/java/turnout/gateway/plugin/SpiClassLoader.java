package turnout.gateway.plugin;

/** What plugins see of the gateway: the SPI and its annotations. Every library they need is their own. */
final class SpiClassLoader extends ClassLoader {
    private final ClassLoader gateway;

    SpiClassLoader(ClassLoader gateway) {
        super("turnout-spi", ClassLoader.getPlatformClassLoader());
        this.gateway = gateway;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (name.startsWith("turnout.spi.") || name.startsWith("org.jspecify.")) {
            return gateway.loadClass(name);
        }
        throw new ClassNotFoundException(name);
    }
}
