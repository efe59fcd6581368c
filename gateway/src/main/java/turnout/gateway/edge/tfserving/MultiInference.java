package turnout.gateway.edge.tfserving;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.VersionSelector;
import turnout.gateway.call.Words;
import turnout.gateway.edge.DecodePool;
import turnout.protocol.tfserving.InferenceResult;
import turnout.protocol.tfserving.InferenceTask;
import turnout.protocol.tfserving.MultiInferenceRequest;
import turnout.protocol.tfserving.MultiInferenceResponse;
import turnout.spi.Signature;

/**
 * Several classify and regress signatures over the same rows. Each is a call of its own, after the first of which all others ask for the
 * version that answered it: so all results are of one version.
 */
final class MultiInference {
    private final MultiInferenceRequest request;
    private final DecodePool pool;
    private final Runner runner;
    private final List<ByteString> rows;
    private final List<InferenceResult> results = new ArrayList<>();
    private long answerBytes;

    /** Runs one task. */
    @FunctionalInterface
    interface Runner {
        Future<Answer> run(Target target, @Nullable String signature, ExampleInputs inputs);
    }

    /**
     * @param pool where large answers are written down
     * @throws RefusedException when there are no rows
     */
    MultiInference(MultiInferenceRequest request, DecodePool pool, Runner runner) {
        this.request = request;
        this.pool = pool;
        this.runner = runner;
        this.rows = ExampleMessages.rows(request.getInput());
    }

    /** What the first task asks for, whose version counts for all. */
    static Target target(MultiInferenceRequest request) {
        if (request.getTasksCount() == 0) {
            throw malformed("MultiInferenceRequest has no tasks.");
        }
        InferenceTask first = request.getTasks(0);
        return ModelSpecs.target(first.getModelSpec(), first.hasModelSpec());
    }

    /** The tasks, once nothing speaks against running them together. */
    static List<InferenceTask> checkedTasks(MultiInferenceRequest request) {
        Target target = target(request);
        Set<String> signatures = new HashSet<>();
        for (InferenceTask task : request.getTasksList()) {
            check(task, target, signatures);
        }
        return request.getTasksList();
    }

    /** What a task that was checked does with its signature. */
    static Method method(InferenceTask task) {
        return task.getMethodName().equals(Method.CLASSIFY.wireName()) ? Method.CLASSIFY : Method.REGRESS;
    }

    /** Completes with the response as it is sent. */
    Future<Buffer> run(Target target) {
        checkedTasks(request);
        return next(0, target)
                .compose(done -> pool.runIfHeavy(
                        answerBytes,
                        () -> Messages.write(MultiInferenceResponse.newBuilder()
                                .addAllResults(results)
                                .build())));
    }

    private static void check(InferenceTask task, Target target, Set<String> signatures) {
        Target own = ModelSpecs.target(task.getModelSpec(), task.hasModelSpec());
        if (!own.model().equals(target.model())) {
            throw malformed("All ModelSpecs in a MultiInferenceRequest must access the same model name.");
        }
        String signature = ModelSpecs.signature(task.getModelSpec());
        String name = signature == null ? Signature.DEFAULT : signature;
        if (!signatures.add(name)) {
            throw malformed("Duplicate evaluation of signature: " + Words.cut(name));
        }
        String method = task.getMethodName();
        if (!method.equals(Method.CLASSIFY.wireName()) && !method.equals(Method.REGRESS.wireName())) {
            throw new Unanswered(
                    new Failure(GrpcStatus.UNIMPLEMENTED, "Unsupported signature method_name: " + Words.cut(method)));
        }
    }

    private Future<Void> next(int index, Target target) {
        if (index == request.getTasksCount()) {
            return Future.succeededFuture();
        }
        InferenceTask task = request.getTasks(index);
        Method method = method(task);
        return runner.run(target, ModelSpecs.signature(task.getModelSpec()), new ExampleInputs(rows, method))
                .compose(answer -> pool.runIfHeavy(answer.bytes(), () -> result(method, answer))
                        .compose(result -> {
                            results.add(result);
                            answerBytes += answer.bytes();
                            return next(
                                    index + 1,
                                    new Target(
                                            target.model(),
                                            new VersionSelector.Exactly(
                                                    answer.version().number())));
                        }));
    }

    private InferenceResult result(Method method, Answer answer) {
        InferenceResult.Builder result = InferenceResult.newBuilder().setModelSpec(ModelSpecs.answered(answer));
        return method == Method.CLASSIFY
                ? result.setClassificationResult(ExampleMessages.classification(answer, rows.size()))
                        .build()
                : result.setRegressionResult(ExampleMessages.regression(answer, rows.size()))
                        .build();
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }
}
