package turnout.gateway.config.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.gateway.config.ConfigException;

class FlagLineTest {
    private static FlagLine line(String... words) {
        return FlagLine.parse(List.of(words));
    }

    @Test
    void valuesFollowAnEqualsSignOrABlank() {
        assertThat(line("--port=1").number(Flag.PORT, 0, 9)).isEqualTo(1);
        assertThat(line("--port", "2").number(Flag.PORT, 0, 9)).isEqualTo(2);
        assertThat(line("--model_name", "--odd").text(Flag.MODEL_NAME)).hasValue("--odd");
        assertThat(line("--model_name=a=b").text(Flag.MODEL_NAME)).hasValue("a=b");
        assertThat(line().number(Flag.PORT, 0, 9999)).isEqualTo(8500);
    }

    @ParameterizedTest
    @CsvSource({
        "--enable_batching, true",
        "--enable_batching=true, true",
        "--enable_batching=1, true",
        "--enable_batching=True, true",
        "--enable_batching true, true",
        "--enable_batching false, false",
        "--enable_batching=false, false",
        "--enable_batching=0, false",
        "--noenable_batching, false",
        "--enable_batching --noenable_batching, false",
        "--noenable_batching --enable_batching --port=1, true",
        "--port=1, false"
    })
    void switchesAreWrittenInManyWays(String words, boolean on) {
        assertThat(FlagLine.parse(Arrays.asList(words.split(" "))).isOn(Flag.ENABLE_BATCHING))
                .isEqualTo(on);
    }

    @Test
    void ofAFlagThatIsGivenTwiceTheLastCounts() {
        assertThat(line("--port=1", "--port=2").number(Flag.PORT, 0, 9)).isEqualTo(2);
    }

    @Test
    void anEmptyTextCountsAsNotGiven() {
        assertThat(line("--model_config_file=").text(Flag.MODEL_CONFIG_FILE)).isEmpty();
        assertThat(line("--model_name=").text(Flag.MODEL_NAME)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --prot=1             | --prot: unknown flag; did you mean --port?
            --batching           | --batching: unknown flag; turnout tfserving --help lists those that are known
            --noport             | --noport: unknown flag; did you mean --port?
            --noenable_batching=1 | --noenable_batching: unknown flag; did you mean --enable_batching?
            -port=1              | -port=1: expected flags like --port=8500 only
            model                | model: expected flags like --port=8500 only
            --port               | --port: needs a value: a whole number
            --port=http          | --port: expected a whole number, got "http"
            --port=1.5           | --port: expected a whole number, got "1.5"
            --enable_batching=on | --enable_batching: expected true or false, got "on"
            --per_process_gpu_memory_fraction=half | --per_process_gpu_memory_fraction: expected a number, got "half"
            """)
    void whatIsWrongIsNamed(String word, String problem) {
        assertThatThrownBy(() -> line(word)).isInstanceOf(ConfigException.class).hasMessage(problem);
    }

    private static String other(Flag flag) {
        return switch (flag.kind()) {
            case SWITCH -> flag.absent().equals("true") ? "false" : "true";
            case NUMBER -> "7";
            case DECIMAL -> "0.5";
            case TEXT -> "some/file";
        };
    }

    static Stream<Flag> refused() {
        return Stream.of(Flag.values()).filter(flag -> flag.use() == Flag.Use.REFUSED);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatSomebodyReliesOnAndIsNotThereIsRefusedWithAdviceUnlessItAsksForTheDefault(Flag flag) {
        assertThatThrownBy(() -> line(flag + "=" + other(flag)))
                .hasMessage(flag + ": is not supported: " + flag.note());
        assertThat(line(flag + "=" + flag.absent()).warnings()).isEmpty();
    }

    @Test
    void aShareOfAGpuMayBeWrittenAsANoughtOfAnyLength() {
        assertThat(line("--per_process_gpu_memory_fraction=0.00").warnings()).isEmpty();
    }

    static Stream<Flag> withoutEffect() {
        return Stream.of(Flag.values()).filter(flag -> flag.use() == Flag.Use.NO_EFFECT);
    }

    @ParameterizedTest
    @MethodSource("withoutEffect")
    void whatChangesNothingIsAWarningUnlessItAsksForTheDefault(Flag flag) {
        assertThat(line(flag + "=" + other(flag)).warnings()).containsExactly(flag + " has no effect: " + flag.note());
        assertThat(line(flag + "=" + flag.absent()).warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Flag.class)
    void everyFlagIsOnThePageAndInTheHelp(Flag flag) throws IOException {
        String row = "| `" + flag + "` | " + (flag.absent().isEmpty() ? "" : "`" + flag.absent() + "` ") + "| "
                + flag.note() + " |";
        assertThat(Files.readString(Path.of("../docs/tensorflow-serving-flags.md")))
                .contains(row);
        assertThat(TfServingCommand.usage()).contains("  " + flag, flag.note());
    }
}
