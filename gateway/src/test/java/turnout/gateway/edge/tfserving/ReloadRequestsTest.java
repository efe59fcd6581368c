package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.gateway.lifecycle.VersionChoice;
import turnout.protocol.tfserving.ModelConfig;
import turnout.protocol.tfserving.ModelServerConfig;
import turnout.protocol.tfserving.ModelType;

class ReloadRequestsTest {
    private static ModelConfig.Builder model() {
        return ModelConfig.newBuilder().setName("m").setBasePath("/models/m").setModelPlatform("tensorflow");
    }

    private static List<ServedModel> read(ModelConfig.Builder... models) {
        ModelServerConfig.Builder config = ModelServerConfig.newBuilder();
        for (ModelConfig.Builder model : models) {
            config.getModelConfigListBuilder().addConfig(model);
        }
        return ReloadRequests.models(config.build());
    }

    private static void refused(String text, ModelConfig.Builder... models) {
        assertThatThrownBy(() -> read(models)).hasMessage(text);
    }

    @Test
    void aLongNameIsCutInWhatIsSaidOfIt() {
        ModelConfig.Builder logged = model().setName("m".repeat(300));
        logged.getLoggingConfigBuilder().getSamplingConfigBuilder().setSamplingRate(1);
        refused(
                "Model " + "m".repeat(256) + "... sets logging_config, but requests are not logged here: remove it",
                logged);
        refused(
                "Model " + "m".repeat(256) + "... has the version label \"7\" for version 1: a label must not be a"
                        + " number, nor a version negative",
                model().setName("m".repeat(300)).putVersionLabels("7", 1));
    }

    @Test
    void policiesAreUnderstood() {
        assertThat(read(model()).get(0).policy()).isNull();
        ModelConfig.Builder zero = model();
        zero.getModelVersionPolicyBuilder().getLatestBuilder();
        assertThat(read(zero).get(0).policy()).isEqualTo(VersionChoice.LATEST);
        ModelConfig.Builder many = model();
        many.getModelVersionPolicyBuilder().getLatestBuilder().setNumVersions(-1);
        assertThat(read(many).get(0).policy()).isEqualTo(new VersionChoice.Latest(Integer.MAX_VALUE));
        ModelConfig.Builder all = model();
        all.getModelVersionPolicyBuilder().getAllBuilder();
        assertThat(read(all).get(0).policy()).isEqualTo(new VersionChoice.All());
    }

    @Test
    void basePathsAreAbsoluteOrFileUris() {
        assertThat(read(model().setBasePath("file:///models/m")).get(0).basePath())
                .isEqualTo(Path.of("/models/m"));
        refused(
                "Expected model m to have an absolute path or URI; got base_path()=models/m",
                model().setBasePath("models/m"));
        refused(
                "Expected model m to have an absolute path or URI; got base_path()=s3://bucket/m",
                model().setBasePath("s3://bucket/m"));
        refused("Model m has a base_path() that is no path", model().setBasePath("/models/\0"));
    }

    @Test
    void platformsAreNamedInOneOfTwoWays() {
        refused(
                "Illegal setting neither ModelServerConfig::model_type (deprecated) nor"
                        + " ModelServerConfig::model_platform, model name is m",
                model().clearModelPlatform());
        assertThat(read(model().clearModelPlatform().setModelType(ModelType.TENSORFLOW))
                        .get(0)
                        .platform())
                .isEqualTo("tensorflow");
        refused(
                "Illegal setting both ModelServerConfig::model_type (deprecated) and"
                        + " ModelServerConfig::model_platform, model name is m",
                model().setModelType(ModelType.TENSORFLOW));
    }

    @Test
    void aListWithMistakesIsRefusedAsAWhole() {
        refused("Illegal to list model m multiple times in config list", model(), model());
        refused("Illegal to list a model without a name in config list", model().setName(" "));
        assertThatThrownBy(() -> ReloadRequests.models(ModelServerConfig.getDefaultInstance()))
                .hasMessageContaining("expected model_config_list");
        assertThatThrownBy(() -> ReloadRequests.models(ModelServerConfig.newBuilder()
                        .setCustomModelConfig(Any.getDefaultInstance())
                        .build()))
                .hasMessageContaining("custom_model_config is not supported");
    }

    @Test
    void labelsAreNoNumbersAndRequestsAreNotLogged() {
        String rest = ": a label must not be a number, nor a version negative";
        refused("Model m has the version label \"7\" for version 1" + rest, model().putVersionLabels("7", 1));
        refused(
                "Model m has the version label \"stable\" for version -1" + rest,
                model().putVersionLabels("stable", -1));
        ModelConfig.Builder logged = model();
        logged.getLoggingConfigBuilder().getSamplingConfigBuilder().setSamplingRate(1);
        refused("Model m sets logging_config, but requests are not logged here: remove it", logged);
        assertThat(read(logged.setLoggingConfig(logged.getLoggingConfigBuilder().clear())))
                .hasSize(1);
    }

    @Test
    void s12_longWordsAreCutInWhatTheCallerIsTold() {
        assertThatThrownBy(() -> read(model().setName("n".repeat(5000)).setBasePath("p".repeat(5000))))
                .hasMessageContaining("nnn... to have an absolute path")
                .hasMessageEndingWith("ppp...")
                .message()
                .hasSizeLessThan(1000);
    }
}
