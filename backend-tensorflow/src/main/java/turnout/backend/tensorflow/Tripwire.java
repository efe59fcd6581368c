package turnout.backend.tensorflow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_Output;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import turnout.spi.DataType;
import turnout.spi.Tensor;

/**
 * Ends runs early, one by one, which the C API has no call for.
 *
 * <p>A few nodes are added to the graph. Beside the model, each run waits for an element of a queue that is lent to it ({@link Slot}) and
 * asserts that it is true. Once the wanted outputs are there, the run itself puts true into the queue, so the wait is over when the model
 * is. To end the run, somebody else puts false: the assertion fails, and TensorFlow abandons all that the run still has to do, as it does
 * on any node's failure. A waiting dequeue holds no thread. The queue reaches the run as a serialized handle, so that all slots share one
 * compiled executor.
 *
 * <p>This needs runs in the calling thread: the assertion is then made by the thread that pulls the wire. In a session with a pool it waits
 * for a thread of the pool, and a loop that holds them all goes on.
 *
 * <p>Rejected: {@code RunOptions.timeout_in_ms} does nothing for runs in the calling thread and knows no cancel; closing the session ends
 * the runs of all callers.
 */
final class Tripwire implements AutoCloseable {
    private static final String PREFIX = "turnout_tripwire/";

    private final NativeSession session;
    private final GraphEditor editor;
    private final TF_Operation handle;
    private final TF_Operation queue;
    private final TF_Operation verdict;
    private final TF_Operation guard;
    private final TF_Operation yes;
    private final AtomicInteger endings = new AtomicInteger();
    private final BlockingQueue<Slot> free;
    private final List<TF_Operation> handles = new ArrayList<>();
    private final List<Slot> slots = new ArrayList<>();
    private final NativeSession.RunArguments pull;
    private final NativeSession.RunArguments size;
    private final NativeSession.RunArguments take;

    /**
     * Adds the nodes.
     *
     * @param slots how many runs may be under way at once; more have to wait
     */
    Tripwire(NativeSession session, int slots) {
        this.session = session;
        this.editor = new GraphEditor(session);
        this.free = new ArrayBlockingQueue<>(slots);
        handle = editor.node("Placeholder", PREFIX + "handle")
                .type("dtype", Dtypes.number(DataType.BYTES))
                .finish();
        queue = editor.node("ParseTensor", PREFIX + "queue")
                .input(handle)
                .type("out_type", tensorflow.TF_RESOURCE)
                .finish();
        verdict = editor.node("QueueDequeueV2", PREFIX + "verdict")
                .input(queue)
                .types("component_types", tensorflow.TF_BOOL)
                .finish();
        guard = editor.node("Assert", PREFIX + "guard")
                .input(verdict)
                .listInput(text("ended early"))
                .finish();
        yes = truth(true);
        TF_Operation trip = editor.node("QueueEnqueueV2", PREFIX + "trip")
                .input(queue)
                .listInput(truth(false))
                .finish();
        TF_Operation count =
                editor.node("QueueSizeV2", PREFIX + "size").input(queue).finish();
        for (int i = 0; i < slots; i++) {
            handles.add(queueHandle(i));
        }
        pull = arguments(null, trip);
        size = arguments(count, null);
        take = arguments(verdict, null);
    }

    /**
     * Makes the queues and tries them. Called once, after the nodes of all signatures are there: TensorFlow copies the whole graph into
     * the session again on the first run after an addition.
     */
    void open() {
        makeSlots();
        rehearse();
    }

    /** The node whose value says which queue a run waits at; the last of the feeds. */
    TF_Operation handleNode() {
        return handle;
    }

    /** What a run must have as targets so that it can be ended: the guard, and the node that ends the wait once those have run. */
    List<TF_Operation> targets(List<TF_Operation> outputs) {
        TF_Operation end = editor.node("QueueEnqueueV2", PREFIX + "end_" + endings.incrementAndGet())
                .input(queue)
                .listInput(yes)
                .after(outputs.stream().distinct().toList())
                .finish();
        return List.of(guard, end);
    }

    /** Lends a slot for one run; waits while all are lent. */
    Slot lend() throws InterruptedException {
        return free.take();
    }

    /** Takes a slot back, with whatever its run has left in its queue if that did not go well. */
    void giveBack(Slot slot, boolean mayHaveLeftovers) {
        if (mayHaveLeftovers) {
            empty(slot);
        }
        free.add(slot);
    }

    /** Ends the run that has the slot, in a moment. Must not be called once the slot was given back. */
    void pull(Slot slot) {
        run(slot, pull);
    }

    private void empty(Slot slot) {
        int left;
        try (IntPointer value = new IntPointer(tensorflow.TF_TensorData(run(slot, size)))) {
            left = value.get();
        }
        slot.clear();
        for (int i = 0; i < left; i++) {
            run(slot, take);
            slot.clear();
        }
    }

    // In the calling thread, whatever the session's pool is busy with.
    private @Nullable TF_Tensor run(Slot slot, NativeSession.RunArguments arguments) {
        slot.input.put(0, slot.handle);
        session.run(
                new NativeSession.RunArguments(
                        arguments.feeds(),
                        slot.input,
                        1,
                        arguments.fetches(),
                        slot.output,
                        arguments.outputCount(),
                        arguments.targets(),
                        arguments.targetCount()),
                true,
                slot.ownStatus);
        Failures.check(slot.ownStatus, "the tripwire failed");
        return arguments.outputCount() == 0 ? null : slot.fetched();
    }

    private NativeSession.RunArguments arguments(@Nullable TF_Operation fetch, @Nullable TF_Operation target) {
        return new NativeSession.RunArguments(
                GraphEditor.output(handle),
                null,
                1,
                fetch == null ? null : GraphEditor.output(fetch),
                null,
                fetch == null ? 0 : 1,
                target == null ? null : new PointerPointer<>(1).put(0, target),
                target == null ? 0 : 1);
    }

    private TF_Operation queueHandle(int number) {
        String name = PREFIX + "queue_" + number;
        TF_Operation made = editor.node("FIFOQueueV2", name)
                .types("component_types", tensorflow.TF_BOOL)
                .number("capacity", 8)
                .text("shared_name", name)
                .finish();
        return editor.node("SerializeTensor", name + "_handle")
                .input(made)
                .type("T", tensorflow.TF_RESOURCE)
                .finish();
    }

    private void makeSlots() {
        TF_Status status = tensorflow.TF_NewStatus();
        try (TF_Output fetches = new TF_Output(handles.size());
                PointerPointer<TF_Tensor> made = new PointerPointer<>(handles.size())) {
            for (int i = 0; i < handles.size(); i++) {
                fetches.position(i).oper(handles.get(i)).index(0);
            }
            fetches.position(0);
            session.run(
                    new NativeSession.RunArguments(null, null, 0, fetches, made, handles.size(), null, 0),
                    true,
                    status);
            Failures.check(status, "the tripwire's queues cannot be made");
            for (int i = 0; i < handles.size(); i++) {
                TF_Tensor serialized = made.get(TF_Tensor.class, i);
                Tensor copy = new Tensor(DataType.BYTES, new long[0], NativeStrings.read(serialized, "handle"));
                tensorflow.TF_DeleteTensor(serialized);
                slots.add(new Slot(NativeStrings.allocate(direct(copy))));
            }
        } finally {
            tensorflow.TF_DeleteStatus(status);
        }
        free.addAll(slots);
    }

    // Both ways once, so that the first cancel need not wait until TensorFlow has compiled them.
    private void rehearse() {
        Slot slot = slots.get(0);
        pull(slot);
        empty(slot);
    }

    private TF_Operation truth(boolean value) {
        ByteBuffer data = ByteBuffer.allocateDirect(1).put(0, (byte) (value ? 1 : 0));
        TF_Tensor tensor = tensorflow.TF_AllocateTensor(tensorflow.TF_BOOL, new long[0], 0, 1);
        new BytePointer(tensorflow.TF_TensorData(tensor)).put(data.get(0));
        try {
            return editor.node("Const", PREFIX + value)
                    .tensor("value", tensor)
                    .type("dtype", tensorflow.TF_BOOL)
                    .finish();
        } finally {
            tensorflow.TF_DeleteTensor(tensor);
        }
    }

    private TF_Operation text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer data = ByteBuffer.allocate(Integer.BYTES + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(bytes.length).put(bytes).flip();
        TF_Tensor tensor = NativeStrings.allocate(direct(new Tensor(DataType.BYTES, new long[0], data)));
        try {
            return editor.node("Const", PREFIX + "text")
                    .tensor("value", tensor)
                    .type("dtype", Dtypes.number(DataType.BYTES))
                    .finish();
        } finally {
            NativeStrings.delete(tensor);
        }
    }

    private static Tensor direct(Tensor tensor) {
        ByteBuffer data = ByteBuffer.allocateDirect(tensor.byteSize());
        return new Tensor(tensor.type(), tensor.shape(), data.put(tensor.data()).flip());
    }

    @Override
    public void close() {
        slots.forEach(Slot::delete);
    }

    /** The queue of one run at a time, with what native calls need so that a run allocates nothing. */
    static final class Slot {
        private final TF_Tensor handle;
        private final TF_Status status = tensorflow.TF_NewStatus();
        // Apart from the run's: the tripwire is pulled while the run is under way.
        private final TF_Status ownStatus = tensorflow.TF_NewStatus();
        private final PointerPointer<TF_Tensor> input = new PointerPointer<>(1);
        private final PointerPointer<TF_Tensor> output = new PointerPointer<>(1);

        private PointerPointer<TF_Tensor> callInputs = new PointerPointer<>(4);
        private PointerPointer<TF_Tensor> callOutputs = new PointerPointer<>(4);

        private Slot(TF_Tensor handle) {
            this.handle = handle;
        }

        /** The serialized handle of the queue, to be fed to {@link Tripwire#handleNode()}. */
        TF_Tensor handle() {
            return handle;
        }

        /** Room for the inputs of the run that has the slot; the same until the slot is given back. */
        PointerPointer<TF_Tensor> inputs(int count) {
            callInputs = withRoom(callInputs, count);
            return callInputs;
        }

        /** Room for its outputs. */
        PointerPointer<TF_Tensor> outputs(int count) {
            callOutputs = withRoom(callOutputs, count);
            return callOutputs;
        }

        private static PointerPointer<TF_Tensor> withRoom(PointerPointer<TF_Tensor> room, int count) {
            if (room.capacity() >= count) {
                return room;
            }
            room.close();
            return new PointerPointer<>(count);
        }

        /** The status of the slot's latest run. */
        TF_Status status() {
            return status;
        }

        private TF_Tensor fetched() {
            return output.get(TF_Tensor.class, 0);
        }

        private void clear() {
            tensorflow.TF_DeleteTensor(fetched());
        }

        private void delete() {
            NativeStrings.delete(handle);
            tensorflow.TF_DeleteStatus(status);
            tensorflow.TF_DeleteStatus(ownStatus);
            input.close();
            output.close();
            callInputs.close();
            callOutputs.close();
        }
    }
}
