package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The numbered cases of TensorFlow Serving's contract, each on a SavedModel and, where there can be one, on its ONNX twin. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TensorFlowServingCasesIT {
    private final Served server;
    private final Doors doors;

    TensorFlowServingCasesIT(@TempDir Path folder) {
        ModelFolder models = new ModelFolder(folder)
                .add("half_plus_two", "half_plus_two_onnx", "multi_io", "multi_io_onnx", "nobatch", "odd_outputs")
                .add("echo", "echo_float32_onnx", "echo_int32_onnx", "echo_string_onnx", "examples", "identity")
                .add("named", "named_onnx", "named_three_onnx", "slices", "slices_onnx");
        Stream.of("float64", "float16", "bfloat16", "uint8", "uint16", "uint32", "uint64", "int8", "int16")
                .forEach(type -> models.add("identity_" + type + "_onnx"));
        server = Served.start(models);
        doors = new Doors(server.port());
    }

    @AfterAll
    void stop() {
        doors.close();
        server.close();
    }

    @TestFactory
    Stream<DynamicTest> cases() {
        CaseClient client = new CaseClient(doors);
        return all().sorted(Comparator.comparingInt(ContractCase::number)).map(one -> one.on(client));
    }

    @Test
    void everyNumberHasItsCase() {
        assertThat(all().map(ContractCase::number))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, ContractCase.COUNT).boxed().toList());
    }

    private static Stream<ContractCase> all() {
        return Stream.of(
                        RequestCases.all(),
                        TypeCases.all(),
                        AnswerCases.all(),
                        ExampleCases.all(),
                        RpcCases.all().stream())
                .flatMap(cases -> cases);
    }
}
