package turnout.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.spi.ErrorCode;

class OrtFailuresTest {
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            Load model from /srv/models/m/1/model.onnx failed:Protobuf parsing failed. | Protobuf parsing failed.
            Load model from /srv/my models/m/1/model.onnx failed:This is an invalid model. | This is an invalid model.
            Non-zero status code returned while running Reshape node. Name:'' Status Message: /build/core/reshape_helper.h:47 \
            onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, onnxruntime::TensorShapeVector&, bool) \
            input_shape_size == size was false. Input shape:{2}, requested shape:{3} \
            | Non-zero status code returned while running Reshape node. Name:'' Status Message: \
            input_shape_size == size was false. Input shape:{2}, requested shape:{3}
            at 0x7f00deadbeef in /usr/lib/libx.so gone | at (address) in (path) gone
            open C:\\models\\m failed | open (path) failed
            """)
    void pathsAddressesAndSourceLinesAreTakenOut(String runtimes, String ours) {
        assertThat(OrtFailures.message(new OrtException(OrtErrorCode.ORT_FAIL, runtimes)))
                .isEqualTo(ours);
    }

    @Test
    void aLongMessageIsCut() {
        OrtException failure = new OrtException(OrtErrorCode.ORT_FAIL, "a/b.cc:1 (".repeat(100_000));
        assertThat(OrtFailures.message(failure)).hasSizeLessThan(310);
    }

    @Test
    void aMessageWithNothingToTellIsItsCode() {
        OrtException failure = new OrtException(OrtErrorCode.ORT_NO_MODEL, "Load model from /a/b failed:");
        assertThat(OrtFailures.message(failure)).isEqualTo("ORT_NO_MODEL");
    }

    @Test
    void memoryThatCannotBeHadIsNotTheModelsFault() {
        OrtException failure =
                new OrtException(OrtErrorCode.ORT_RUNTIME_EXCEPTION, "Failed to allocate memory for requested buffer");
        assertThat(OrtFailures.whileRunning(failure).code()).isEqualTo(ErrorCode.OUT_OF_MEMORY);
        assertThat(OrtFailures.whileLoading("m version 1", failure).code()).isEqualTo(ErrorCode.OUT_OF_MEMORY);
    }
}
