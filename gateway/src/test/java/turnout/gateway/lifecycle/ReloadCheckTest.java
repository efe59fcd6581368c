package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import turnout.gateway.lifecycle.ModelControl.ServedModel;

class ReloadCheckTest {
    @Test
    void longWordsOfTheCallerAreCut() {
        String name = "m".repeat(300);
        ServedModel model =
                new ServedModel(name, Path.of("/models/m"), "p".repeat(300), VersionChoice.LATEST, Map.of());
        assertThatThrownBy(() -> ReloadCheck.check(List.of(model), platform -> false))
                .hasMessage(
                        "Model " + "m".repeat(256) + "... requests unsupported platform " + "p".repeat(256) + "...");
        assertThatThrownBy(() -> ReloadCheck.check(List.of(model, model), platform -> true))
                .hasMessage("Illegal to list model " + "m".repeat(256) + "... multiple times in config list");
    }
}
