package turnout.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static turnout.testkit.TensorAssert.assertThatTensor;
import static turnout.testkit.Tensors.floats;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Loader;

/** A model can read its own directory and nothing else. */
class ModelFilesTest {
    private Path root;
    private Path version;

    @BeforeEach
    void makeDirectories(@TempDir Path temporary) throws IOException {
        root = temporary.toRealPath();
        version = Files.createDirectories(root.resolve("m/1"));
        Files.write(root.resolve("secret"), new byte[8]);
    }

    @Test
    void weightsInAnotherFileOfTheDirectoryAreLoaded() throws IOException {
        addsExternal("data/weights.bin").into(version);
        writeWeights(Files.createDirectories(version.resolve("data")).resolve("weights.bin"));
        try (OnnxBench bench = new OnnxBench(root)) {
            Loader loader = bench.loader(version);
            assertThatTensor(bench.run(loader.load(), Map.of("x", floats(1, 2))).get("y"))
                    .isSameAs(floats(11, 22));
            loader.unload();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../secret",
                "/etc/hostname",
                "data/../../../secret",
                "..",
                ".",
                "",
                "*/_ORT_MEM_ADDR_/*",
                "a\0b"
            })
    void whatLiesElsewhereIsRefusedBeforeTheRuntimeSeesTheFile(String location) throws IOException {
        addsExternal(location).into(version);
        assertRefused();
    }

    @Test
    void aLinkToAFileElsewhereIsRefused() throws IOException {
        addsExternal("weights.bin").into(version);
        Files.createSymbolicLink(version.resolve("weights.bin"), root.resolve("secret"));
        assertRefused();
    }

    @Test
    void aLinkedDirectoryIsRefused() throws IOException {
        addsExternal("data/secret").into(version);
        Files.createSymbolicLink(version.resolve("data"), root);
        assertRefused();
    }

    @Test
    void aSecondNameOfAFileElsewhereIsRefused() throws IOException {
        addsExternal("weights.bin").into(version);
        Files.createLink(version.resolve("weights.bin"), root.resolve("secret"));
        assertRefused();
    }

    @Test
    void aMissingDataFileIsNamed() throws IOException {
        addsExternal("weights.bin").into(version);
        assertThat(assertRefused()).hasMessageContaining("\"weights.bin\" is missing");
    }

    @Test
    void aModelFileThatIsALinkIsNotClaimed() throws IOException {
        Path elsewhere = addsExternal("weights.bin").into(root.resolve("elsewhere"));
        Files.createSymbolicLink(version.resolve("model.onnx"), elsewhere.resolve("model.onnx"));
        assertThat(ModelFiles.areIn(version)).isFalse();
        assertRefused();
    }

    @Test
    void everyPlaceWhereATensorCanStandIsSeen() throws IOException {
        OnnxWriter branch = new OnnxWriter()
                .node("Constant", List.of(), List.of("c"), OnnxWriter.attribute("value", external("in/a/branch")))
                .initializer(external("of/the/branch"));
        new OnnxWriter()
                .initializer(external("of/the/graph"))
                .node("Constant", List.of(), List.of("c"), OnnxWriter.attribute("value", external("in/a/node")))
                .node("If", List.of("b"), List.of("y"), OnnxWriter.attribute("then_branch", branch))
                .into(version);
        assertThat(ModelScan.of(version.resolve("model.onnx")).externalFiles())
                .containsExactlyInAnyOrder("of/the/graph", "in/a/node", "in/a/branch", "of/the/branch");
    }

    @Test
    void aFileCutAnywhereOrWithOddBytesIsReadToItsEndOrMalformed() throws IOException {
        byte[] whole = addsExternal("weights.bin").bytes();
        Path file = root.resolve("odd");
        Random random = new Random(11);
        for (int round = 0; round < 2000; round++) {
            byte[] odd = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            if (odd.length > 0 && round % 2 == 0) {
                odd[random.nextInt(odd.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, odd);
            assertThatCode(() -> scan(file)).doesNotThrowAnyException();
        }
    }

    @Test
    void graphsNestedWithoutEndAreMalformed() throws IOException {
        OnnxWriter nested = new OnnxWriter();
        for (int depth = 0; depth < 40; depth++) {
            nested = new OnnxWriter().node("If", List.of(), List.of(), OnnxWriter.attribute("then_branch", nested));
        }
        nested.into(version);
        assertThat(assertRefused()).hasMessageContaining("nested");
    }

    @Test
    void theEstimateCountsAllFilesAndDoesNotRiseWhenMoreCome() throws IOException {
        addsExternal("weights.bin").into(version);
        Files.write(version.resolve("weights.bin"), new byte[1 << 20]);
        try (OnnxBench bench = new OnnxBench(root)) {
            Loader loader = bench.loader(version);
            long before = loader.estimate().hostBytes();
            assertThat(before).isBetween(3L << 20, 32L << 20);
            Files.write(version.resolve("more.bin"), new byte[1 << 20]);
            assertThat(loader.estimate().hostBytes()).isEqualTo(before);
        }
    }

    private InferenceException assertRefused() {
        InferenceException failure = OnnxBench.failureOf(() -> new ModelFiles("m version 1", version).check());
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_FAILED);
        assertThat(failure.getMessage()).doesNotContain(root.toString()).doesNotContain("/");
        return failure;
    }

    private static void scan(Path file) throws IOException {
        try {
            ModelScan.of(file);
        } catch (ProtobufReader.MalformedException e) {
            assertThat(e).hasMessageNotContaining(file.toString());
        }
    }

    private static OnnxWriter.Message external(String location) {
        return OnnxWriter.external("weights", 2, location);
    }

    private static OnnxWriter addsExternal(String location) {
        return new OnnxWriter()
                .node("Add", List.of("x", "weights"), List.of("y"))
                .input("x", OnnxWriter.FLOAT, 2)
                .output("y", OnnxWriter.FLOAT, 2)
                .initializer(external(location));
    }

    private static void writeWeights(Path file) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, data.putFloat(10).putFloat(20).array());
    }
}
