package turnout.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import turnout.spi.Device;

/** Finds the GPUs that a session really loads on: that the library was built with CUDA says nothing of drivers and devices. */
final class CudaDevices {
    private static final int MOST = 16;

    /** The smallest model: y = Identity(x), both float32 [1]. */
    private static final String PROBE =
            "CAg6OwoQCgF4EgF5IghJZGVudGl0eRIFcHJvYmVaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgIQEQ==";

    private CudaDevices() {}

    /** The CPU, then every GPU that works. */
    static List<Device> withCpu(OrtEnvironment environment) {
        List<Device> devices = new ArrayList<>(List.of(Device.CPU));
        if (OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            int index = 0;
            while (index < MOST && works(environment, index)) {
                devices.add(new Device("gpu", index));
                index++;
            }
        }
        return List.copyOf(devices);
    }

    static byte[] probeModel() {
        return Base64.getDecoder().decode(PROBE);
    }

    private static boolean works(OrtEnvironment environment, int index) {
        try (SessionOptions options = new SessionOptions()) {
            options.addCUDA(index);
            try (OrtSession session = environment.createSession(probeModel(), options)) {
                return session.getNumInputs() == 1;
            }
        } catch (OrtException e) {
            System.getLogger(CudaDevices.class.getName())
                    .log(System.Logger.Level.INFO, "GPU " + index + " is not used: " + e.getMessage());
            return false;
        }
    }
}
