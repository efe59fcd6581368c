package turnout.backend.tensorflow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.tensorflow.internal.c_api.TF_TString;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Tensor;

/** Carries byte strings, whatever their bytes, between the SPI's layout and TensorFlow's array of {@code TF_TString}. */
final class NativeStrings {
    /** Size of a {@code TF_TString}; fixed by TensorFlow's interface, strings up to 22 bytes lie inside it. */
    private static final int ELEMENT = 24;

    private NativeStrings() {}

    /** A string tensor that holds copies of the elements; to be freed by {@link #delete}. */
    static TF_Tensor allocate(Tensor tensor) {
        long[] shape = tensor.shape();
        long count = tensor.elements();
        TF_Tensor strings =
                tensorflow.TF_AllocateTensor(Dtypes.number(DataType.BYTES), shape, shape.length, count * ELEMENT);
        ByteBuffer data = tensor.data();
        try (BytePointer bytes = new BytePointer(data)) {
            TF_TString element = new TF_TString(tensorflow.TF_TensorData(strings));
            for (long i = 0; i < count; i++) {
                int length = data.getInt();
                element.position(i);
                tensorflow.TF_TString_Init(element);
                // A copy, not a view: a model may keep the string longer than the request's memory lives.
                bytes.position(data.position());
                tensorflow.TF_TString_Copy(element, bytes, length);
                data.position(data.position() + length);
            }
        }
        return strings;
    }

    /** Frees what {@link #allocate} made; nothing may look at the elements any more. */
    static void delete(TF_Tensor strings) {
        TF_TString element = new TF_TString(tensorflow.TF_TensorData(strings));
        long count = tensorflow.TF_TensorElementCount(strings);
        for (long i = 0; i < count; i++) {
            tensorflow.TF_TString_Dealloc(element.position(i));
        }
        tensorflow.TF_DeleteTensor(strings);
    }

    /** The elements of a string tensor in the SPI's layout, on the heap. */
    static ByteBuffer read(TF_Tensor strings, String output) {
        long count = tensorflow.TF_TensorElementCount(strings);
        TF_TString element = new TF_TString(tensorflow.TF_TensorData(strings));
        long size = count * Integer.BYTES;
        for (long i = 0; i < count; i++) {
            size += tensorflow.TF_TString_GetSize(element.position(i));
        }
        if (size > Integer.MAX_VALUE - 16) {
            throw new InferenceException(
                    ErrorCode.MODEL_FAILED, "output \"" + output + "\" exceeds the limit of 2 GiB for one tensor");
        }
        ByteBuffer data = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < count; i++) {
            element.position(i);
            int length = (int) tensorflow.TF_TString_GetSize(element);
            data.putInt(length);
            if (length > 0) {
                tensorflow.TF_TString_GetDataPointer(element).get(data.array(), data.position(), length);
                data.position(data.position() + length);
            }
        }
        return data.flip();
    }
}
