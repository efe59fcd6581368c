package turnout.gateway.lane;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import turnout.gateway.call.Answer;
import turnout.gateway.call.Bound;
import turnout.gateway.call.Call;
import turnout.gateway.call.CancelSource;
import turnout.gateway.call.Offload;
import turnout.gateway.call.RefusedException;
import turnout.gateway.call.RunFacts;
import turnout.spi.Cancellation;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Shapes;
import turnout.spi.StringElements;
import turnout.spi.Tensor;

/** Runs a call with many rows in pieces, where the operator asked for it ({@code batching.split-rows}). */
final class RowSplit {
    /** Copying so many bytes takes a noticeable part of a millisecond: more would hold up an event loop. */
    private static final long HEAVY_BYTES = 1L << 20;

    private RowSplit() {}

    static boolean applies(LaneSpec spec, Call call) {
        int most = spec.batching().splitRows();
        Bound bound = call.requireBound();
        return most > 0
                && bound.rows() > most
                && spec.joinable().contains(bound.signature().name())
                && !BucketKey.of(bound, call.envelope().parameters(), true).isAlone();
    }

    /** Runs the pieces, as many at a time as the lane has turns, and puts the answers together; the first failure is the call's. */
    static Future<Answer> run(LaneSpec spec, Call call, Offload offload, Function<Call, Future<Answer>> runPiece) {
        Pieces pieces = new Pieces(spec, call, offload, runPiece);
        pieces.start();
        return pieces.whole.future();
    }

    /**
     * The pieces of one call. Their answers arrive on the call's own context, so there are no locks. All at once would fill the queue and
     * be refused for a call that would be let in whole.
     */
    private static final class Pieces {
        private final LaneSpec spec;
        private final Call call;
        private final Offload offload;
        private final Function<Call, Future<Answer>> runPiece;
        private final List<Bound> pieces;
        private final CancelSource cancellation = new CancelSource();
        private final Answer[] answers;
        private final Promise<Answer> whole = Promise.promise();
        private int next;
        private int answered;
        private long bytes;

        Pieces(LaneSpec spec, Call call, Offload offload, Function<Call, Future<Answer>> runPiece) {
            this.spec = spec;
            this.call = call;
            this.offload = offload;
            this.runPiece = runPiece;
            this.pieces = pieces(call.requireBound(), spec.batching().splitRows());
            this.answers = new Answer[pieces.size()];
        }

        void start() {
            Cancellation.Registration registration = call.cancellation().onCancel(cancellation::cancel);
            whole.future().onComplete(done -> registration.close());
            for (int i = 0; i < Math.max(1, spec.turns()) && next < pieces.size(); i++) {
                runNext();
            }
        }

        private void runNext() {
            int index = next++;
            Call piece = call.withBound(pieces.get(index)).detached(call.requireDeadline(), cancellation);
            runPiece.apply(piece).onComplete(answer -> arrived(index, answer), failure -> {
                // Nobody needs the others any more.
                cancellation.cancel();
                whole.tryFail(failure);
            });
        }

        private void arrived(int index, Answer answer) {
            answers[index] = answer;
            answered++;
            bytes += answer.bytes();
            if (bytes > spec.maxOutputBytes()) {
                // What came is kept until the last piece is there: it must not grow beyond what the whole may be.
                cancellation.cancel();
                Arrays.fill(answers, null);
                whole.tryFail(RefusedException.from(BatchAssembler.tooLarge(bytes, spec.maxOutputBytes())));
                return;
            }
            if (answered == answers.length) {
                join(List.of(answers)).onComplete(whole::tryComplete, e -> whole.tryFail(RefusedException.from(e)));
            } else if (next < pieces.size() && !whole.future().isComplete()) {
                runNext();
            }
        }

        private Future<Answer> join(List<Answer> all) {
            return bytes > HEAVY_BYTES
                    ? offload.run(() -> joined(all))
                    : Future.succeededFuture(all).map(RowSplit::joined);
        }
    }

    private static List<Bound> pieces(Bound bound, int most) {
        List<Bound> pieces = new ArrayList<>();
        Map<String, ByteBuffer> rest = new LinkedHashMap<>();
        bound.inputs().forEach((name, tensor) -> rest.put(name, tensor.data()));
        for (long at = 0; at < bound.rows(); at += most) {
            long rows = Math.min(most, bound.rows() - at);
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            bound.inputs().forEach((name, tensor) -> inputs.put(name, next(tensor, rest, name, rows)));
            pieces.add(new Bound(bound.signature(), inputs, bound.outputs(), bound.loose()));
        }
        return pieces;
    }

    private static Tensor next(Tensor whole, Map<String, ByteBuffer> rest, String name, long rows) {
        ByteBuffer data = rest.get(name);
        if (data == null) {
            throw new IllegalStateException("every input has its rest");
        }
        long[] shape = whole.shape().clone();
        shape[0] = rows;
        int bytes = whole.type() == DataType.BYTES
                ? StringElements.byteSize(data, Shapes.elements(shape))
                : Shapes.byteSize(whole.type(), shape);
        Tensor piece = new Tensor(whole.type(), shape, data.slice(data.position(), bytes));
        data.position(data.position() + bytes);
        return piece;
    }

    private static Answer joined(List<Answer> answers) {
        Answer first = answers.get(0);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (String name : first.outputs().keySet()) {
            outputs.put(name, joinedOutput(name, answers));
        }
        long queue = answers.stream()
                .mapToLong(answer -> answer.run().queueNanos())
                .max()
                .orElse(0);
        long compute = answers.stream()
                .mapToLong(answer -> answer.run().computeNanos())
                .sum();
        RunFacts facts =
                new RunFacts(queue, compute, first.run().batchId(), first.run().batchRows());
        return new Answer(first.version(), first.signature(), outputs, facts);
    }

    private static Tensor joinedOutput(String name, List<Answer> answers) {
        List<Tensor> parts =
                answers.stream().map(answer -> output(answer, name)).toList();
        long bytes = parts.stream().mapToLong(Tensor::byteSize).sum();
        if (bytes > Integer.MAX_VALUE) {
            throw new InferenceException(ErrorCode.OUT_OF_MEMORY, "output '" + name + "' exceeds the limit of 2 GiB");
        }
        ByteBuffer data = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        long[] shape = parts.get(0).shape().clone();
        shape[0] = 0;
        for (Tensor part : parts) {
            data.put(part.data());
            shape[0] += part.shape()[0];
        }
        return new Tensor(parts.get(0).type(), shape, data.flip());
    }

    private static Tensor output(Answer answer, String name) {
        Tensor tensor = answer.outputs().get(name);
        if (tensor == null) {
            throw new IllegalStateException("the pieces of a call give the same outputs");
        }
        return tensor;
    }
}
