package turnout.backend.remote;

import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import turnout.protocol.codec.SignatureDefs;
import turnout.protocol.codec.TensorProtos;
import turnout.spi.BackendProvider;
import turnout.spi.DataType;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.testkit.BackendContractTest;
import turnout.testkit.ContractModels;
import turnout.testkit.ContractModels.Example;
import turnout.testkit.ContractModels.Identity;
import turnout.testkit.ContractModels.Pair;
import turnout.testkit.Tensors;

/** The contract, with a server behind it that answers in typed lists, as TensorFlow Serving does. */
class RemoteBackendContractTest extends BackendContractTest {
    private final FakeTensorflowServing server = serve();

    @Override
    protected BackendProvider provider() {
        return new RemoteProvider();
    }

    @Override
    protected ContractModels models(Path directory) {
        Map<DataType, Identity> identities = new EnumMap<>(DataType.class);
        for (DataType type : DataType.values()) {
            // One server holds all models' signatures: each identity uses its own.
            identities.put(type, new Identity(version(directory, "echo-" + type, ""), type.name(), "x", "y"));
        }
        Path location = version(directory, "main", "model: main\nversion: 1\n");
        Map<String, Tensor> several = Map.of("a", Tensors.floats(1, 2), "b", Tensors.strings("left", "right"));
        Example good =
                new Example(location, "FP32", Map.of("x", Tensors.floats(1, 2)), Map.of("y", Tensors.floats(1, 2)));
        return new ContractModels(
                identities,
                new Example(
                        location,
                        "several",
                        several,
                        Map.of("p", Tensors.floats(1, 2), "q", Tensors.strings("left", "right"))),
                new Pair(Map.of("x", Tensors.floats(-1)), good),
                new Pair(Map.of("x", Tensors.floats(-2)), good),
                version(directory, "broken", "no-such-key: 1\n"),
                foreign(directory));
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    private static FakeTensorflowServing serve() {
        FakeTensorflowServing fake = FakeTensorflowServing.start();
        for (DataType type : DataType.values()) {
            fake.signature(type.name(), RemoteVersion.xToY(type));
        }
        return fake.signature(
                        "several",
                        SignatureDefs.encode(Signature.of(
                                "several",
                                List.of(TensorSpec.of("a", DataType.FP32, -1), TensorSpec.of("b", DataType.BYTES, -1)),
                                List.of(
                                        TensorSpec.of("p", DataType.FP32, -1),
                                        TensorSpec.of("q", DataType.BYTES, -1)))))
                .answering(RemoteBackendContractTest::answer);
    }

    private static void answer(FakeTensorflowServing.Call call) {
        if (call.request().getModelSpec().getSignatureName().equals("several")) {
            call.answer(Map.of("p", call.input("a"), "q", call.input("b")));
            return;
        }
        Tensor x = TensorProtos.decode(call.input("x"));
        float first = x.type() == DataType.FP32 && x.byteSize() == Float.BYTES
                ? x.data().getFloat()
                : 0;
        if (first == -1) {
            call.after(Duration.ofSeconds(20), call::echo);
        } else if (first == -2) {
            call.fail(GrpcStatus.INTERNAL, "cannot read /models/main/1/variables");
        } else {
            call.answer(Map.of("y", TensorProtos.encodeLists(x)));
        }
    }

    private Path version(Path directory, String name, String yaml) {
        return write(directory.resolve(name), RemoteConfig.FILE, RemoteVersion.yaml(server.port()) + yaml);
    }

    private static Path foreign(Path directory) {
        return write(directory.resolve("foreign"), "model.onnx", "");
    }

    private static Path write(Path location, String file, String text) {
        try {
            Files.createDirectories(location);
            Files.writeString(location.resolve(file), text);
            return location;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
