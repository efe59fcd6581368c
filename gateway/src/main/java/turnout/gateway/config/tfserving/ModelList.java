package turnout.gateway.config.tfserving;

import com.google.protobuf.TextFormatParseInfoTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import turnout.gateway.call.RefusedException;
import turnout.gateway.config.ConfigException;
import turnout.gateway.edge.tfserving.ReloadRequests;
import turnout.gateway.lifecycle.ModelControl.ServedModel;
import turnout.protocol.tfserving.ModelConfig;
import turnout.protocol.tfserving.ModelConfigList;
import turnout.protocol.tfserving.ModelServerConfig;

/** Reads TensorFlow Serving's list of models, the file of {@code --model_config_file}. */
public final class ModelList {
    private static final String LIST = "model_config_list";
    private static final String CUSTOM = "custom_model_config";
    private static final String CONFIG = "config";

    private ModelList() {}

    /**
     * The models of a file.
     *
     * @throws ConfigException naming file, line, column and field
     */
    public static List<ServedModel> read(Path file) {
        TextProto<ModelServerConfig> text = TextProto.read(file, ModelServerConfig.getDefaultInstance());
        ModelServerConfig config = text.message();
        return switch (config.getConfigCase()) {
            case MODEL_CONFIG_LIST -> models(text, config.getModelConfigList());
            case CUSTOM_MODEL_CONFIG -> throw text.wrong(CUSTOM, "is not supported, expected " + LIST);
            case CONFIG_NOT_SET ->
                throw new ConfigException(file.toString(), 0, "", "names no models, expected " + LIST + " {...}");
        };
    }

    private static List<ServedModel> models(TextProto<ModelServerConfig> text, ModelConfigList list) {
        TextFormatParseInfoTree places =
                text.places().getNestedTree(ModelServerConfig.getDescriptor().findFieldByName(LIST), 0);
        List<ServedModel> models = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (ModelConfig config : list.getConfigList()) {
            int index = models.size();
            try {
                models.add(ReloadRequests.model(config));
            } catch (RefusedException e) {
                throw text.wrong(
                        places, ModelConfigList.getDescriptor(), CONFIG, index, String.valueOf(e.getMessage()));
            }
            if (!names.add(config.getName())) {
                throw text.wrong(
                        places,
                        ModelConfigList.getDescriptor(),
                        CONFIG,
                        index,
                        "Illegal to list model " + config.getName() + " multiple times in config list");
            }
        }
        return models;
    }
}
