package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies where in the runnable tree. */
final class DistributionIT {
    private static final Path TREE = Checkout.tree();

    @Test
    void gatewayBringsTheSpiAndNoBackend() throws IOException {
        assertThat(jars(TREE.resolve("lib")))
                .anyMatch(name -> name.startsWith("turnout-gateway-"))
                .anyMatch(name -> name.startsWith("turnout-backend-spi-"))
                .anyMatch(name -> name.startsWith("jspecify-"))
                .noneMatch(name -> name.matches("turnout-backend-(onnx|tensorflow|remote)-.*"))
                .noneMatch(name -> name.matches("(onnxruntime|tensorflow|javacpp).*"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"onnx", "tensorflow", "remote"})
    void pluginBringsWhatItNeedsLessWhatTheGatewayLends(String plugin) throws IOException {
        assertThat(jars(TREE.resolve("plugins").resolve(plugin)))
                .hasSizeGreaterThan(1)
                .anyMatch(name -> name.startsWith("turnout-backend-" + plugin + "-"))
                .noneMatch(name -> name.startsWith("turnout-backend-spi-"))
                .noneMatch(name -> name.startsWith("turnout-gateway-"))
                .noneMatch(name -> name.startsWith("jspecify-"))
                .noneMatch(name -> name.matches("(junit|assertj|slf4j|logback).*"));
    }

    @Test
    void nobodyElseMayWriteToIt() throws IOException {
        try (Stream<Path> files = Files.walk(TREE)) {
            assertThat(files)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .as(file.toString())
                            .matches("....-..-."));
        }
    }

    @Test
    void heapAndDirectMemoryAreSharesOfWhatThereIs() {
        Shell.Result result = Shell.run(
                Checkout.root(),
                Map.of("TURNOUT_MEMORY", "2000", "TURNOUT_JVM_ARGS", "-XX:+PrintFlagsFinal"),
                List.of(Checkout.launcher().toString(), "--version"));
        assertThat(result.out())
                .containsPattern("MaxHeapSize += " + (600L << 20) + " ")
                .containsPattern("MaxDirectMemorySize += " + (400L << 20) + " ")
                .containsPattern("ExitOnOutOfMemoryError += true ");
    }

    @Test
    void wrongVariableEndsWithTwo() {
        for (String variable : List.of("TURNOUT_MEMORY", "TURNOUT_LOG")) {
            Shell.Result result = Shell.run(
                    Checkout.root(),
                    Map.of(variable, "much"),
                    List.of(Checkout.launcher().toString(), "--version"));
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.err()).contains(variable, "much");
        }
    }

    private static List<String> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
