package turnout.backend.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import turnout.spi.OptionException;
import turnout.spi.Options;

class RemoteOptionsTest {
    @Test
    void twoSecondsAreTheDefault() {
        assertThat(RemoteOptions.of(Options.empty())).isEqualTo(new RemoteOptions(Duration.ofSeconds(2)));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(RemoteOptions.of(new Options("remote", Map.of("connect-timeout-ms", 700))))
                .isEqualTo(new RemoteOptions(Duration.ofMillis(700)));
    }

    @Test
    void valuesOutOfRangeAndUnknownKeysAreRefusedByName() {
        assertThatThrownBy(() -> RemoteOptions.of(new Options("remote", Map.of("connect-timeout-ms", 0))))
                .isInstanceOf(OptionException.class)
                .hasMessageContaining("remote.connect-timeout-ms");
        assertThatThrownBy(() -> RemoteOptions.of(new Options("remote", Map.of("timeout", 1))))
                .hasMessageContaining("remote.timeout");
    }
}
