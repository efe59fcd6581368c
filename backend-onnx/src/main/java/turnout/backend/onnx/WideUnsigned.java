package turnout.backend.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.Optional;
import turnout.spi.DataType;

/**
 * Makes uint16, uint32 and uint64 tensors over a buffer.
 *
 * <p>The runtime's native side can do it, but its public Java interface takes these types for their signed twins, which the session then
 * refuses. So this calls the private method behind it, on the class path only; it is the one place that reaches into the runtime. Where a
 * later runtime has changed inside, {@link #find} is empty and the backend does not claim these types.
 */
final class WideUnsigned {
    private final Method createTensorFromBuffer;
    private final Constructor<OnnxTensor> newTensor;
    private final Constructor<TensorInfo> newInfo;
    private final long apiHandle;
    private final long allocatorHandle;

    private WideUnsigned(OrtEnvironment environment) throws ReflectiveOperationException {
        createTensorFromBuffer = OnnxTensor.class.getDeclaredMethod(
                "createTensorFromBuffer",
                long.class,
                long.class,
                Buffer.class,
                int.class,
                long.class,
                long[].class,
                int.class);
        newTensor = OnnxTensor.class.getDeclaredConstructor(
                long.class, long.class, TensorInfo.class, Buffer.class, boolean.class);
        newInfo = TensorInfo.class.getDeclaredConstructor(long[].class, OnnxJavaType.class, OnnxTensorType.class);
        createTensorFromBuffer.setAccessible(true);
        newTensor.setAccessible(true);
        newInfo.setAccessible(true);
        Field api = Class.forName("ai.onnxruntime.OnnxRuntime", true, OnnxTensor.class.getClassLoader())
                .getDeclaredField("ortApiHandle");
        api.setAccessible(true);
        apiHandle = api.getLong(null);
        allocatorHandle = defaultAllocator(environment);
    }

    /** The way in, or empty if this runtime has none. */
    static Optional<WideUnsigned> find(OrtEnvironment environment) {
        try {
            return Optional.of(new WideUnsigned(environment));
        } catch (ReflectiveOperationException | RuntimeException e) {
            System.getLogger(WideUnsigned.class.getName())
                    .log(System.Logger.Level.WARNING, "no uint16, uint32 and uint64 with this ONNX Runtime", e);
            return Optional.empty();
        }
    }

    /** A tensor that lies in that direct buffer, which must have exactly the bytes that the shape asks for. */
    OnnxTensor over(ByteBuffer direct, DataType type, long[] shape) throws OrtException {
        OnnxTensorType nativeType = nativeType(type);
        OnnxJavaType javaType = OnnxJavaType.mapFromOnnxTensorType(nativeType);
        try {
            long handle = (long) createTensorFromBuffer.invoke(
                    null,
                    apiHandle,
                    allocatorHandle,
                    direct,
                    direct.position(),
                    (long) direct.remaining(),
                    shape,
                    nativeType.value);
            TensorInfo info = newInfo.newInstance(shape, javaType, nativeType);
            return newTensor.newInstance(handle, allocatorHandle, info, direct, false);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof OrtException failure) {
                throw failure;
            }
            throw new IllegalStateException("ONNX Runtime could not make a tensor", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("ONNX Runtime could not be reached", e);
        }
    }

    private static OnnxTensorType nativeType(DataType type) {
        return switch (type) {
            case UINT16 -> OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16;
            case UINT32 -> OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32;
            case UINT64 -> OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64;
            case BOOL, UINT8, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64, BYTES ->
                throw new IllegalArgumentException(type + " has a public way");
        };
    }

    private static long defaultAllocator(OrtEnvironment environment) throws ReflectiveOperationException {
        Field field = OrtEnvironment.class.getDeclaredField("defaultAllocator");
        field.setAccessible(true);
        Object allocator = field.get(environment);
        Field handle = allocator.getClass().getDeclaredField("handle");
        handle.setAccessible(true);
        return handle.getLong(allocator);
    }
}
