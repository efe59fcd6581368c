package turnout.backend.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import turnout.spi.OptionException;
import turnout.spi.Options;

class TensorFlowOptionsTest {
    @Test
    void theDefaultsServeTheGraphTaggedServeAndTrustNothing() {
        assertThat(TensorFlowOptions.of(Options.empty())).isEqualTo(new TensorFlowOptions(Set.of("serve"), Set.of()));
    }

    @Test
    void everyKeyIsRead() {
        Map<String, Object> values = Map.of("tags", List.of("a", "b"), "trust", List.of("ReadFile"));
        assertThat(values.keySet()).isEqualTo(TensorFlowOptions.KEYS);
        assertThat(TensorFlowOptions.of(new Options("tensorflow", values)))
                .isEqualTo(new TensorFlowOptions(Set.of("a", "b"), Set.of("ReadFile")));
    }

    @Test
    void wrongValuesAreRefusedByKey() {
        assertThatThrownBy(() -> TensorFlowOptions.of(new Options("tensorflow", Map.of("tags", List.of()))))
                .isInstanceOf(OptionException.class)
                .hasMessageContaining("tensorflow.tags: must name at least one tag");
        assertThatThrownBy(() -> TensorFlowOptions.of(new Options("tensorflow", Map.of("inter-op-threads", 2))))
                .hasMessageContaining("tensorflow.inter-op-threads: unknown key; known here: tags, trust");
    }
}
