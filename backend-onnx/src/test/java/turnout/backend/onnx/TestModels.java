package turnout.backend.onnx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import turnout.spi.DataType;

/** The repository's test models. */
final class TestModels {
    private TestModels() {}

    /** Version 1 of that model. */
    static Path version1(String model) {
        try {
            return Path.of("..", "testmodels", "models", model, "1").toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path identity(DataType type) {
        String name =
                switch (type) {
                    case FP16 -> "float16";
                    case BF16 -> "bfloat16";
                    case FP32 -> "float32";
                    case FP64 -> "float64";
                    case BYTES -> "string";
                    case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> type.lowerName();
                };
        return version1("identity_" + name + "_onnx");
    }
}
