package turnout.backend.onnx;

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
import turnout.spi.Tensor;
import turnout.testkit.BackendContractTest;
import turnout.testkit.ContractModels;
import turnout.testkit.ContractModels.Example;
import turnout.testkit.ContractModels.Identity;
import turnout.testkit.ContractModels.Pair;

/** ONNX Runtime keeps the contract. */
class OnnxBackendContractTest extends BackendContractTest {
    @Override
    protected BackendProvider provider() {
        return new OnnxProvider();
    }

    @Override
    protected ContractModels models(Path directory) {
        Map<DataType, Identity> identities = new EnumMap<>(DataType.class);
        for (DataType type : DataType.values()) {
            identities.put(type, Identity.xToY(TestModels.identity(type)));
        }
        return new ContractModels(
                identities,
                several(),
                slow(),
                failing(),
                TestModels.version1("broken_onnx"),
                TestModels.version1("matrix"));
    }

    private static Example several() {
        return new Example(
                TestModels.version1("multi_io_onnx"),
                Signature.DEFAULT,
                Map.of("a", floats(shape(3, 2), 1, 2, 3, 4, 5, 6), "b", longs(shape(3), 7, -8, 1L << 40)),
                Map.of("sum", floats(3, 7, 11), "double", longs(shape(3), 14, -16, 1L << 41)));
    }

    private static Pair slow() {
        Tensor x = floats(shape(2, 3), 0, 2, 4, 6, 8, 10);
        Example quick = new Example(
                TestModels.version1("slow_matrix_onnx"),
                Signature.DEFAULT,
                Map.of("x", x, "n", ints(shape(2), 1, 3)),
                Map.of("y", floats(shape(2, 3), 2, 3, 4, 5, 6, 7)));
        return new Pair(Map.of("x", x, "n", ints(shape(2), 1, 5_000_000)), quick);
    }

    private static Pair failing() {
        Example good = new Example(
                TestModels.version1("failing_onnx"),
                Signature.DEFAULT,
                Map.of("x", floats(1, 2)),
                Map.of("y", floats(2, 4)));
        return new Pair(Map.of("x", floats(1, -2)), good);
    }
}
