package turnout.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.spi.OptionException;
import turnout.spi.Options;

class OnnxOptionsTest {
    @Test
    void defaults() {
        assertThat(OnnxOptions.of(Options.empty())).isEqualTo(new OnnxOptions(0, OptLevel.ALL_OPT, false));
    }

    @Test
    void everyOptionIsRead() {
        Options section = new Options(
                "onnx", Map.of("intra-op-threads", 3, "optimization-level", "basic", "memory-pattern", true));
        assertThat(OnnxOptions.of(section)).isEqualTo(new OnnxOptions(3, OptLevel.BASIC_OPT, true));
    }

    @ParameterizedTest
    @CsvSource({"all,ALL_OPT", "extended,EXTENDED_OPT", "basic,BASIC_OPT", "none,NO_OPT"})
    void everyLevelHasItsName(String name, OptLevel level) {
        assertThat(OnnxOptions.of(new Options("onnx", Map.of("optimization-level", name)))
                        .optimizationLevel())
                .isEqualTo(level);
    }

    @ParameterizedTest
    @CsvSource({
        "intra-op-threads,-1,onnx.intra-op-threads: must be between 0 and 1024",
        "intra-op-threads,many,onnx.intra-op-threads: expected a whole number",
        "optimization-level,fast,'onnx.optimization-level: expected all, extended, basic or none, got fast'",
        "memory-pattern,yes,onnx.memory-pattern: expected true or false",
        "threads,1,'onnx.threads: unknown key; known here: intra-op-threads, memory-pattern, optimization-level'"
    })
    void nonsenseIsRefusedByName(String key, String value, String message) {
        Object parsed = value.matches("-?\\d+") ? Integer.valueOf(value) : value;
        assertThatThrownBy(() -> new OnnxProvider().checkOptions(new Options("onnx", Map.of(key, parsed))))
                .isInstanceOf(OptionException.class)
                .hasMessageStartingWith(message);
    }
}
