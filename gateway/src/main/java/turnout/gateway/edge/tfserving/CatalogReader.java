package turnout.gateway.edge.tfserving;

import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.call.Words;
import turnout.gateway.lifecycle.Catalog;
import turnout.gateway.lifecycle.ModelStatus;
import turnout.gateway.lifecycle.VersionStatus;
import turnout.protocol.tensorflow.Code;
import turnout.protocol.tfserving.GetModelStatusResponse;
import turnout.protocol.tfserving.ModelVersionStatus;
import turnout.protocol.tfserving.StatusProto;
import turnout.spi.ErrorCode;

/** Answers what clients ask about models rather than of them. */
final class CatalogReader {
    private final Catalog catalog;

    CatalogReader(Catalog catalog) {
        this.catalog = catalog;
    }

    /** All models, by name. */
    List<ModelStatus> models() {
        return catalog.models();
    }

    /**
     * The states of the wanted versions, the newest first. Unlike in TensorFlow Serving a label counts here, too.
     *
     * @throws Unanswered when there is nothing to tell of
     */
    GetModelStatusResponse status(Target target) {
        ModelStatus model = catalog.model(target.model())
                .filter(found -> !found.versions().isEmpty())
                .orElseThrow(() -> missing("Could not find any versions of model " + Words.cut(target.model())));
        if (target.selector() instanceof VersionSelector.Any) {
            return status(model);
        }
        long number = number(model, target);
        VersionStatus version = model.version(number)
                .orElseThrow(
                        () -> missing("Could not find version " + number + " of model " + Words.cut(target.model())));
        return GetModelStatusResponse.newBuilder()
                .addModelVersionStatus(message(version))
                .build();
    }

    /** The states of all versions of a model, the newest first. */
    static GetModelStatusResponse status(ModelStatus model) {
        List<VersionStatus> versions = new ArrayList<>(model.versions());
        Collections.reverse(versions);
        GetModelStatusResponse.Builder response = GetModelStatusResponse.newBuilder();
        versions.forEach(version -> response.addModelVersionStatus(message(version)));
        return response.build();
    }

    /**
     * The version whose signatures a caller wants to see.
     *
     * @throws Unanswered when it is not available
     */
    VersionStatus available(Target target) {
        Optional<ModelStatus> model = catalog.model(target.model());
        if (model.isEmpty()) {
            throw new Unanswered(
                    target.selector() instanceof VersionSelector.Labelled labelled
                            ? Failures.labelUnknown(labelled.label())
                            : Failures.notFound(target));
        }
        Optional<VersionStatus> version = target.selector() instanceof VersionSelector.Any
                ? model.get().shown()
                : model.get().version(number(model.get(), target));
        return version.filter(VersionStatus::isAvailable).orElseThrow(() -> new Unanswered(Failures.notFound(target)));
    }

    private static long number(ModelStatus model, Target target) {
        if (target.selector() instanceof VersionSelector.Exactly exactly) {
            return exactly.number();
        }
        if (target.selector() instanceof VersionSelector.Labelled labelled) {
            Long number = model.labels().get(labelled.label());
            if (number == null) {
                throw new Unanswered(Failures.labelUnknown(labelled.label()));
            }
            return number;
        }
        throw new AssertionError(target);
    }

    private static Unanswered missing(String text) {
        return new Unanswered(new Failure(GrpcStatus.NOT_FOUND, text));
    }

    private static ModelVersionStatus message(VersionStatus version) {
        StatusProto.Builder status = StatusProto.newBuilder();
        VersionStatus.Failure failure = version.failure();
        if (failure != null) {
            status.setErrorCode(code(failure.code()))
                    .setErrorMessage(
                            failure.message().isBlank() ? failure.code().name() : failure.message());
        }
        return ModelVersionStatus.newBuilder()
                .setVersion(version.version().number())
                .setState(state(version))
                .setStatus(status)
                .build();
    }

    private static ModelVersionStatus.State state(VersionStatus version) {
        return switch (version.state()) {
            case START -> ModelVersionStatus.State.START;
            case LOADING -> ModelVersionStatus.State.LOADING;
            case AVAILABLE -> ModelVersionStatus.State.AVAILABLE;
            case UNLOADING -> ModelVersionStatus.State.UNLOADING;
            case END -> ModelVersionStatus.State.END;
        };
    }

    private static Code code(ErrorCode code) {
        return switch (code) {
            case INVALID_INPUT -> Code.INVALID_ARGUMENT;
            case UNSUPPORTED -> Code.FAILED_PRECONDITION;
            case MODEL_FAILED, INTERNAL -> Code.INTERNAL;
            case OUT_OF_MEMORY -> Code.RESOURCE_EXHAUSTED;
            case UNAVAILABLE -> Code.UNAVAILABLE;
            case DEADLINE -> Code.DEADLINE_EXCEEDED;
            case CANCELLED -> Code.CANCELLED;
        };
    }
}
