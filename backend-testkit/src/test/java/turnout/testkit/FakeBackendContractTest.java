package turnout.testkit;

import static turnout.testkit.Tensors.floats;
import static turnout.testkit.Tensors.longs;
import static turnout.testkit.Tensors.shape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import turnout.spi.BackendProvider;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.LoadRequest;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.spi.Ticker;
import turnout.testkit.ContractModels.Example;
import turnout.testkit.ContractModels.Identity;
import turnout.testkit.ContractModels.Pair;

/** The fake keeps the contract too, so that a gateway tested with it is tested with a backend that could exist. */
class FakeBackendContractTest extends BackendContractTest {
    @Override
    protected BackendProvider provider() {
        return new FakeBackend(this::servable);
    }

    @Override
    protected ContractModels models(Path root) {
        Map<DataType, Identity> identities = new EnumMap<>(DataType.class);
        for (DataType type : DataType.values()) {
            identities.put(type, Identity.xToY(directory(root, "identity_" + type)));
        }
        Tensor a = floats(1, 2);
        Tensor b = longs(shape(3, 1), 7, 8, 9);
        Example several = new Example(
                directory(root, "several"), Signature.DEFAULT, inOrder("a", a, "b", b), inOrder("c", a, "d", b));
        Example slow = example(root, "slow", floats(1));
        Example failing = example(root, "failing", floats(2));
        return new ContractModels(
                identities,
                several,
                new Pair(Map.of("x", floats(-1)), slow),
                new Pair(Map.of("x", floats(-1)), failing),
                directory(root, "broken"),
                foreign(root));
    }

    /** What a version loads to, by the name of its directory. */
    FakeServable servable(LoadRequest request) {
        String name = request.location().getFileName().toString();
        return switch (name) {
            case "several" ->
                FakeServable.of(
                        Signature.of(
                                Signature.DEFAULT,
                                List.of(
                                        TensorSpec.of("a", DataType.FP32, -1),
                                        TensorSpec.of("b", DataType.INT64, -1, 1)),
                                List.of(
                                        TensorSpec.of("c", DataType.FP32, -1),
                                        TensorSpec.of("d", DataType.INT64, -1, 1))),
                        run -> Map.of("c", copy(run, "a"), "d", copy(run, "b")));
            case "slow" -> slow();
            case "failing" ->
                FakeServable.identity(DataType.FP32)
                        .failingWhen(run -> firstFloat(run) < 0
                                ? Optional.of(new InferenceException(ErrorCode.MODEL_FAILED, "x is negative"))
                                : Optional.empty());
            case "broken" -> throw new InferenceException(ErrorCode.MODEL_FAILED, "the model is broken");
            default -> FakeServable.identity(DataType.valueOf(name.substring("identity_".length())));
        };
    }

    private static FakeServable slow() {
        Gate gate = new Gate(Ticker.system());
        return FakeServable.of(FakeServable.xToY(DataType.FP32), run -> {
            if (firstFloat(run) < 0) {
                gate.enter(run);
            }
            return Map.of("y", copy(run, "x"));
        });
    }

    private static float firstFloat(InferenceRequest run) {
        return copy(run, "x").data().getFloat(0);
    }

    private static Tensor copy(InferenceRequest run, String input) {
        Tensor tensor = run.inputs().get(input);
        if (tensor == null) {
            throw new AssertionError("no input " + input);
        }
        return Tensors.heapCopy(tensor);
    }

    private static Example example(Path root, String name, Tensor value) {
        return new Example(directory(root, name), Signature.DEFAULT, Map.of("x", value), Map.of("y", value));
    }

    private static Map<String, Tensor> inOrder(String first, Tensor one, String second, Tensor two) {
        Map<String, Tensor> map = new LinkedHashMap<>();
        map.put(first, one);
        map.put(second, two);
        return map;
    }

    private static Path directory(Path root, String name) {
        try {
            Path directory = Files.createDirectories(root.resolve(name));
            Files.writeString(directory.resolve(FakeBackend.MARKER), name);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path foreign(Path root) {
        try {
            return Files.createDirectories(root.resolve("foreign"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
