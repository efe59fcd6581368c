package turnout.gateway.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PluginLoaderTest {
    private static final Map<String, String> MANIFEST =
            Map.of("Turnout-Plugin-Id", "acme", "Turnout-Plugin-Version", "2.1", "Turnout-Plugin-Spi", "[1,2)");

    private Path work = Path.of("");
    private Path plugins = Path.of("");

    @BeforeEach
    void make(@TempDir Path directory) throws IOException {
        work = directory;
        plugins = Files.createDirectory(directory.resolve("plugins"));
        permit(plugins, "rwxr-xr-x");
    }

    private List<Plugin> load() {
        return new PluginLoader().load(plugins);
    }

    /** A provider whose availability is that expression. */
    private static String provider(String platform, String availability) {
        return """
                package acme;
                import turnout.spi.*;
                public final class Provider implements BackendProvider {
                    public String platform() { return "%s"; }
                    public Availability isAvailable() { %s }
                    public void checkOptions(Options options) {}
                    public Backend create(BackendContext context) { throw new IllegalStateException(); }
                }
                """.formatted(platform, availability);
    }

    private void plugin(String jar, String source, Map<String, String> attributes) throws IOException {
        Path classes = Files.createTempDirectory(work, "classes");
        Path file = classes.resolve("Provider.java");
        Files.writeString(file, source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter output = new StringWriter();
        boolean compiled = compiler.getTask(
                        output,
                        null,
                        null,
                        List.of("-proc:none", "-cp", System.getProperty("java.class.path"), "-d", classes.toString()),
                        null,
                        compiler.getStandardFileManager(null, null, null).getJavaFileObjects(file))
                .call();
        assertThat(compiled).as(output.toString()).isTrue();
        jar(
                jar,
                attributes,
                Map.of(
                        "META-INF/services/turnout.spi.BackendProvider",
                        "acme.Provider\n".getBytes(StandardCharsets.UTF_8),
                        "acme/Provider.class",
                        Files.readAllBytes(classes.resolve("acme/Provider.class"))));
    }

    private void jar(String name, Map<String, String> attributes, Map<String, byte[]> entries) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.forEach((key, value) -> manifest.getMainAttributes().putValue(key, value));
        Path path = plugins.resolve(name);
        Path parent = name.contains("/") ? plugins.resolve(name).resolveSibling("") : plugins;
        Files.createDirectories(parent);
        try (OutputStream out = Files.newOutputStream(path);
                JarOutputStream jar = new JarOutputStream(out, manifest)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                jar.putNextEntry(new JarEntry(entry.getKey()));
                jar.write(entry.getValue());
            }
        }
        permit(path, "rw-r--r--");
        permit(parent, "rwxr-xr-x");
    }

    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void aDirectoryOfJarsIsAPlugin() throws IOException {
        plugin("acme/backend.jar", provider("acme", "return Availability.OK;"), MANIFEST);
        jar("acme/library.jar", Map.of(), Map.of());
        assertThat(load()).singleElement().satisfies(plugin -> {
            assertThat(plugin.id()).isEqualTo("acme");
            assertThat(plugin.version()).isEqualTo("2.1");
            assertThat(plugin.problem()).isEmpty();
            assertThat(plugin.warnings()).isEmpty();
            assertThat(plugin.backends()).singleElement().satisfies(backend -> {
                assertThat(backend.platform()).isEqualTo("acme");
                assertThat(backend.availability().isOk()).isTrue();
                assertThat(backend.provider().getClass().getClassLoader().getName())
                        .isEqualTo("plugin-acme");
            });
        });
    }

    @Test
    void aFatJarIsAPluginTooAndNeedsNoManifest() throws IOException {
        plugin("solo.jar", provider("solo", "return Availability.OK;"), Map.of());
        assertThat(load()).singleElement().satisfies(plugin -> {
            assertThat(plugin.id()).isEqualTo("solo");
            assertThat(plugin.problem()).isEmpty();
            assertThat(plugin.warnings())
                    .containsExactly("its manifest does not say which SPI it was made for (Turnout-Plugin-Spi)");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1       | true
            1.4     | true
            [1,2)   | true
            [1.2,3) | true
            [1,1]   | true
            2       | false
            [2,3)   | false
            [0,1)   | false
            newest  | false
            """)
    void onlyPluginsForThisMajorOfTheSpiAreUsed(String range, boolean used) throws IOException {
        plugin(
                "p.jar",
                provider("p", "return Availability.OK;"),
                Map.of("Turnout-Plugin-Id", "p", "Turnout-Plugin-Spi", range));
        assertThat(load().get(0).problem().isEmpty()).isEqualTo(used);
    }

    @Test
    void aPluginSeesNothingOfTheGatewayButTheSpi() throws IOException {
        String sees = """
                try {
                    Class.forName("%s");
                    return Availability.OK;
                } catch (ClassNotFoundException e) {
                    return Availability.because("hidden");
                }
                """;
        plugin("a.jar", provider("a", sees.formatted("io.vertx.core.Vertx")), MANIFEST);
        plugin("b.jar", provider("b", sees.formatted("turnout.gateway.plugin.PluginLoader")), MANIFEST);
        plugin("c.jar", provider("c", sees.formatted("org.slf4j.Logger")), MANIFEST);
        plugin("d.jar", provider("d", sees.formatted("turnout.spi.Tensor")), MANIFEST);
        plugin("e.jar", provider("e", sees.formatted("org.jspecify.annotations.Nullable")), MANIFEST);
        plugin("f.jar", provider("f", sees.formatted("java.sql.Connection")), MANIFEST);
        assertThat(load().stream()
                        .flatMap(plugin -> plugin.backends().stream())
                        .filter(backend -> backend.availability().isOk())
                        .map(Plugin.Provided::platform))
                .containsExactly("d", "e", "f");
    }

    @Test
    void aBackendThatCannotWorkIsListedWithItsReason() throws IOException {
        plugin("a.jar", provider("a", "return Availability.because(\"no accelerator\");"), MANIFEST);
        plugin("b.jar", provider("b", "throw new IllegalStateException(\"oops\");"), MANIFEST);
        plugin("c.jar", provider("c", "throw new UnsatisfiedLinkError(\"no native\");"), MANIFEST);
        plugin("d.jar", provider("d", "throw new AssertionError(\"its own\");"), MANIFEST);
        assertThat(load().stream()
                        .flatMap(plugin -> plugin.backends().stream())
                        .flatMap(backend -> backend.availability().problem().stream()))
                .containsExactly(
                        "no accelerator",
                        "it failed when asked: oops",
                        "it failed when asked: no native",
                        "it failed when asked: its own");
    }

    @Test
    void theSecondBackendForAPlatformIsRefused() throws IOException {
        plugin("a.jar", provider("same", "return Availability.OK;"), Map.of("Turnout-Plugin-Id", "first"));
        plugin("b.jar", provider("same", "return Availability.OK;"), Map.of("Turnout-Plugin-Id", "second"));
        List<Plugin> loaded = load();
        assertThat(loaded.get(0).backends().get(0).availability().isOk()).isTrue();
        assertThat(loaded.get(1).backends().get(0).availability().problem())
                .hasValue("the platform same is served by plugin first");
    }

    @Test
    void brokenJarsHurtNobody() throws IOException {
        try (Writer garbage = Files.newBufferedWriter(plugins.resolve("a.jar"))) {
            garbage.write("no jar");
        }
        permit(plugins.resolve("a.jar"), "rw-r--r--");
        jar("b.jar", MANIFEST, Map.of());
        jar(
                "c.jar",
                MANIFEST,
                Map.of(
                        "META-INF/services/turnout.spi.BackendProvider",
                        "acme.Missing\n".getBytes(StandardCharsets.UTF_8)));
        plugin("d.jar", provider("d", "return Availability.OK;"), MANIFEST);
        List<Plugin> loaded = load();
        assertThat(loaded).hasSize(4);
        assertThat(loaded.subList(0, 3))
                .allSatisfy(plugin -> assertThat(plugin.problem()).isPresent());
        assertThat(loaded.get(3).problem()).isEmpty();
    }

    @Test
    void s18_aDirectoryThatOthersMayWriteToIsRefused() throws IOException {
        permit(plugins, "rwxrwxrwx");
        assertThatThrownBy(this::load)
                .isInstanceOf(PluginException.class)
                .hasMessageContaining("may be written to by everybody");
        permit(plugins, "rwxrwxr-x");
        assertThatThrownBy(this::load)
                .isInstanceOf(PluginException.class)
                .hasMessageContaining("may be written to by its group");
    }

    @Test
    void s18_aJarThatOthersMayWriteToIsNotUsed() throws IOException {
        plugin("p.jar", provider("p", "return Availability.OK;"), MANIFEST);
        permit(plugins.resolve("p.jar"), "rw-rw-rw-");
        assertThat(load()).singleElement().satisfies(plugin -> {
            assertThat(plugin.problem()).hasValue("p.jar may be written to by everybody: chmod go-w it");
            assertThat(plugin.backends()).isEmpty();
        });
    }

    @Test
    void noDirectoryIsNoPlugins() {
        assertThat(new PluginLoader().load(work.resolve("none"))).isEmpty();
    }
}
