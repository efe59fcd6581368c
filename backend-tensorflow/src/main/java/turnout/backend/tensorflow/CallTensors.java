package turnout.backend.tensorflow;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.tensorflow.internal.c_api.Deallocator_Pointer_long_Pointer;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceResponse;
import turnout.spi.Tensor;

/** The native tensors of one call: made before the run, read after it, freed by {@link #close()} and by the response's. */
final class CallTensors implements AutoCloseable {
    // Called by TensorFlow when it lets go of a tensor over borrowed memory. One object for the process: JavaCPP has
    // room for few.
    private static final Deallocator_Pointer_long_Pointer LEAVE_ALONE = new Deallocator_Pointer_long_Pointer() {
        @Override
        public void call(Pointer data, long length, Pointer argument) {}
    };

    private final boolean copyInputs;
    private final List<TF_Tensor> numbers = new ArrayList<>(4);
    private final List<TF_Tensor> strings = new ArrayList<>(0);
    private final List<Pointer> borrowed = new ArrayList<>(4);
    private final PointerPointer<TF_Tensor> inputs;
    private final PointerPointer<TF_Tensor> outputs;

    /**
     * @param copyInputs whether the model may keep its inputs beyond the call, which must then not lie in borrowed memory
     * @param inputs where to write the inputs, with room for them
     * @param outputs where the run writes its outputs
     */
    CallTensors(boolean copyInputs, PointerPointer<TF_Tensor> inputs, PointerPointer<TF_Tensor> outputs) {
        this.copyInputs = copyInputs;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /** Sets an input that belongs to somebody else. */
    void set(int index, TF_Tensor tensor) {
        inputs.put(index, tensor);
    }

    /** Sets an input to a caller's tensor, in place where that is possible. */
    void set(int index, Tensor tensor) {
        TF_Tensor made = tensor.type() == DataType.BYTES ? NativeStrings.allocate(tensor) : number(tensor);
        (tensor.type() == DataType.BYTES ? strings : numbers).add(made);
        inputs.put(index, made);
    }

    private TF_Tensor number(Tensor tensor) {
        ByteBuffer data = tensor.data();
        long[] shape = tensor.shape();
        int type = Dtypes.number(tensor.type());
        if (copyInputs || !data.isDirect()) {
            TF_Tensor copy = tensorflow.TF_AllocateTensor(type, shape, shape.length, data.remaining());
            if (data.hasRemaining()) {
                view(copy).put(data);
            }
            return copy;
        }
        BytePointer bytes = new BytePointer(data);
        borrowed.add(bytes.capacity(data.remaining()));
        // TensorFlow reads 64-byte aligned memory where it lies and copies any other: both are right.
        return tensorflow.TF_NewTensor(type, shape, shape.length, bytes, data.remaining(), LEAVE_ALONE, null);
    }

    /**
     * The wanted outputs after a good run. Numbers stay in TensorFlow's memory until the response is closed, unless they lie in an
     * input's memory (an identity is allowed to hand its input on), which is given back earlier.
     *
     * @param names of all fetched outputs, in their order
     * @param wanted those to give, in that order
     */
    InferenceResponse response(List<String> names, List<String> wanted) {
        Map<String, Tensor> read = new LinkedHashMap<>();
        List<TF_Tensor> kept = new ArrayList<>(names.size());
        try {
            for (String name : wanted) {
                read.put(name, read(new TF_Tensor(outputs.get(names.indexOf(name))), name));
            }
        } catch (RuntimeException e) {
            dropOutputs(names.size());
            throw e;
        }
        for (int i = 0; i < names.size(); i++) {
            kept.add(new TF_Tensor(outputs.get(i)));
        }
        AtomicBoolean released = new AtomicBoolean();
        return new InferenceResponse(read, () -> {
            if (released.compareAndSet(false, true)) {
                kept.forEach(tensorflow::TF_DeleteTensor);
            }
        });
    }

    /** Frees what a run has given though nobody wants it. */
    void dropOutputs(int count) {
        for (int i = 0; i < count; i++) {
            Pointer output = outputs.get(i);
            if (output != null) {
                tensorflow.TF_DeleteTensor(new TF_Tensor(output));
            }
        }
    }

    private Tensor read(TF_Tensor output, String name) {
        int number = tensorflow.TF_TensorType(output);
        DataType type = Dtypes.of(number)
                .orElseThrow(() -> new InferenceException(
                        ErrorCode.MODEL_FAILED, "output \"" + name + "\" has a type that cannot be sent"));
        long[] shape = new long[tensorflow.TF_NumDims(output)];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = tensorflow.TF_Dim(output, i);
        }
        if (type == DataType.BYTES) {
            return new Tensor(type, shape, NativeStrings.read(output, name));
        }
        long size = tensorflow.TF_TensorByteSize(output);
        if (size > Integer.MAX_VALUE) {
            throw new InferenceException(
                    ErrorCode.MODEL_FAILED, "output \"" + name + "\" exceeds the limit of 2 GiB for one tensor");
        }
        if (size == 0) {
            return new Tensor(type, shape, ByteBuffer.allocate(0));
        }
        ByteBuffer data = view(output);
        return new Tensor(type, shape, isBorrowed(output, size) ? heapCopy(data) : data);
    }

    private boolean isBorrowed(TF_Tensor output, long size) {
        long start = tensorflow.TF_TensorData(output).address();
        for (Pointer input : borrowed) {
            if (start < input.address() + input.capacity() && input.address() < start + size) {
                return true;
            }
        }
        return false;
    }

    private static ByteBuffer view(TF_Tensor tensor) {
        return new BytePointer(tensorflow.TF_TensorData(tensor))
                .capacity(tensorflow.TF_TensorByteSize(tensor))
                .asByteBuffer();
    }

    private static ByteBuffer heapCopy(ByteBuffer data) {
        return ByteBuffer.allocate(data.remaining()).put(data).flip();
    }

    /** Frees the inputs; the outputs' strings must have been read. */
    @Override
    public void close() {
        numbers.forEach(tensorflow::TF_DeleteTensor);
        for (TF_Tensor tensor : strings) {
            if (copyInputs) {
                // The model may hold on to the elements: their bytes are left to it.
                tensorflow.TF_DeleteTensor(tensor);
            } else {
                NativeStrings.delete(tensor);
            }
        }
    }
}
