package turnout.backend.tensorflow;

import static turnout.testkit.Tensors.floats;
import static turnout.testkit.Tensors.ints;
import static turnout.testkit.Tensors.longs;
import static turnout.testkit.Tensors.shape;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import turnout.spi.BackendProvider;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.testkit.BackendContractTest;
import turnout.testkit.ContractModels;
import turnout.testkit.ContractModels.Example;
import turnout.testkit.ContractModels.Identity;
import turnout.testkit.ContractModels.Pair;

class TensorFlowContractTest extends BackendContractTest {
    @Override
    protected BackendProvider provider() {
        return new TensorFlowProvider();
    }

    @Override
    protected ContractModels models(Path directory) {
        Map<DataType, Identity> identities = new EnumMap<>(DataType.class);
        for (DataType type : DataType.values()) {
            identities.put(type, new Identity(TestModels.of("identity"), nameOf(type), "x", "y"));
        }
        Example several = new Example(
                TestModels.of("multi_io"),
                Signature.DEFAULT,
                Map.of("a", floats(shape(2, 2), 1, 2, 3, 4), "b", longs(shape(2), 5, -6)),
                Map.of("sum", floats(3, 7), "double", longs(shape(2), 10, -12)));
        Example quick = new Example(
                TestModels.of("slow_matrix"),
                Signature.DEFAULT,
                Map.of("x", floats(shape(1, 1), 4), "n", ints(shape(1), 3)),
                Map.of("y", floats(shape(1, 1), 4)));
        Example positive = new Example(
                TestModels.of("failing"), Signature.DEFAULT, Map.of("x", floats(1, 2)), Map.of("y", floats(2, 4)));
        return new ContractModels(
                identities,
                several,
                new Pair(Map.of("x", floats(shape(1, 1), 4), "n", ints(shape(1), 5_000_000)), quick),
                new Pair(Map.of("x", floats(1, -2)), positive),
                TestModels.of("broken"),
                TestModels.of("half_plus_two_onnx"));
    }

    private static String nameOf(DataType type) {
        return switch (type) {
            case FP16 -> "float16";
            case BF16 -> "bfloat16";
            case FP32 -> "float32";
            case FP64 -> "float64";
            case BYTES -> "string";
            default -> type.lowerName();
        };
    }
}
