package turnout.gateway.edge.openinference;

import java.util.List;
import java.util.Map;
import turnout.gateway.call.VersionStatistics;
import turnout.gateway.call.VersionStatistics.Times;
import turnout.protocol.openinference.DataType;
import turnout.protocol.openinference.InferBatchStatistics;
import turnout.protocol.openinference.InferStatistics;
import turnout.protocol.openinference.ModelConfig;
import turnout.protocol.openinference.ModelConfigResponse;
import turnout.protocol.openinference.ModelInput;
import turnout.protocol.openinference.ModelMetadataResponse;
import turnout.protocol.openinference.ModelMetadataResponse.TensorMetadata;
import turnout.protocol.openinference.ModelOutput;
import turnout.protocol.openinference.ModelStatistics;
import turnout.protocol.openinference.ModelStatisticsResponse;
import turnout.protocol.openinference.RepositoryIndexResponse;
import turnout.protocol.openinference.ServerMetadataResponse;
import turnout.protocol.openinference.StatisticDuration;
import turnout.spi.TensorSpec;

/** The protocol's messages, from the same facts as its {@link Documents}. */
final class Messages {
    private Messages() {}

    static ServerMetadataResponse server(String version) {
        return ServerMetadataResponse.newBuilder()
                .setName(Questions.SERVER_NAME)
                .setVersion(version)
                .addAllExtensions(Questions.EXTENSIONS)
                .build();
    }

    static ModelMetadataResponse metadata(Questions.Metadata model) {
        ModelMetadataResponse.Builder message = ModelMetadataResponse.newBuilder()
                .setName(model.name())
                .addAllVersions(model.versions())
                .setPlatform(model.platform());
        model.signature().inputs().values().forEach(spec -> message.addInputs(tensor(spec)));
        model.signature().outputs().values().forEach(spec -> message.addOutputs(tensor(spec)));
        return message.build();
    }

    static ModelConfigResponse config(Questions.Metadata model) {
        ModelConfig.Builder config = ModelConfig.newBuilder()
                .setName(model.name())
                .setPlatform(model.platform())
                .setBackend(model.platform());
        for (TensorSpec spec : model.signature().inputs().values()) {
            ModelInput.Builder input =
                    config.addInputBuilder().setName(spec.name()).setDataType(type(spec));
            for (long dim : spec.shape()) {
                input.addDims(dim);
            }
        }
        for (TensorSpec spec : model.signature().outputs().values()) {
            ModelOutput.Builder output =
                    config.addOutputBuilder().setName(spec.name()).setDataType(type(spec));
            for (long dim : spec.shape()) {
                output.addDims(dim);
            }
        }
        return ModelConfigResponse.newBuilder().setConfig(config).build();
    }

    static ModelStatisticsResponse statistics(List<VersionStatistics> rows) {
        ModelStatisticsResponse.Builder message = ModelStatisticsResponse.newBuilder();
        rows.forEach(row -> message.addModelStats(statistics(row)));
        return message.build();
    }

    static RepositoryIndexResponse index(List<Questions.IndexEntry> entries) {
        RepositoryIndexResponse.Builder message = RepositoryIndexResponse.newBuilder();
        for (Questions.IndexEntry entry : entries) {
            message.addModelsBuilder()
                    .setName(entry.name())
                    .setVersion(entry.version())
                    .setState(entry.state())
                    .setReason(entry.reason());
        }
        return message.build();
    }

    private static ModelStatistics statistics(VersionStatistics row) {
        ModelStatistics.Builder message = ModelStatistics.newBuilder()
                .setName(row.version().model())
                .setVersion(Long.toString(row.version().number()))
                .setLastInference(row.lastInferenceMillis())
                .setInferenceCount(row.inferences())
                .setExecutionCount(row.executions())
                .setInferenceStats(InferStatistics.newBuilder()
                        .setSuccess(times(row.success()))
                        .setFail(times(row.failure()))
                        .setQueue(times(row.queue()))
                        .setComputeInput(times(row.input()))
                        .setComputeInfer(times(row.infer()))
                        .setComputeOutput(times(row.output()))
                        .setCacheHit(times(row.cacheHit()))
                        .setCacheMiss(times(row.cacheMiss())));
        for (Map.Entry<Long, VersionStatistics.Batches> batch : row.batches().entrySet()) {
            message.addBatchStats(InferBatchStatistics.newBuilder()
                    .setBatchSize(batch.getKey())
                    .setComputeInput(times(batch.getValue().input()))
                    .setComputeInfer(times(batch.getValue().infer()))
                    .setComputeOutput(times(batch.getValue().output())));
        }
        return message.build();
    }

    private static StatisticDuration times(Times times) {
        return StatisticDuration.newBuilder()
                .setCount(times.count())
                .setNs(times.nanos())
                .build();
    }

    private static TensorMetadata tensor(TensorSpec spec) {
        TensorMetadata.Builder message = TensorMetadata.newBuilder()
                .setName(spec.name())
                .setDatatype(spec.type().name());
        for (long dim : spec.shape()) {
            message.addShape(dim);
        }
        return message.build();
    }

    private static DataType type(TensorSpec spec) {
        return DataType.valueOf(Questions.configType(spec.type()));
    }
}
