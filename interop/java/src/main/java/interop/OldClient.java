package interop;

import com.google.protobuf.ByteString;
import com.google.protobuf.Int64Value;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.TensorProto;
import org.tensorflow.framework.TensorShapeProto;
import tensorflow.serving.GetModelMetadata;
import tensorflow.serving.Model;
import tensorflow.serving.Predict;
import tensorflow.serving.PredictionServiceGrpc;

/**
 * An old client in Java: the stubs of tensorflow-client 1.4 (2017) on grpc-java 1.7, and HttpURLConnection for REST. Those
 * stubs are older than ModelService, so status is asked by REST.
 *
 * <p>usage: OldClient HOST:PORT SEVEN.json
 */
public final class OldClient {
    /** One thing that is checked; throws when it does not hold. */
    private interface Check {
        void run() throws IOException;
    }

    private final PredictionServiceGrpc.PredictionServiceBlockingStub stub;
    private final String base;
    private final String seven;
    private final List<Float> pixels = new ArrayList<>();

    private OldClient(ManagedChannel channel, String address, String seven) {
        this.stub = PredictionServiceGrpc.newBlockingStub(channel);
        this.base = "http://" + address + "/v1/models/";
        this.seven = seven;
        Matcher numbers = Pattern.compile("\\d+").matcher(seven);
        while (numbers.find()) {
            pixels.add(Float.valueOf(numbers.group()));
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        ManagedChannel channel =
                ManagedChannelBuilder.forTarget(args[0]).usePlaintext(true).build();
        try {
            OldClient client = new OldClient(channel, args[0], Files.readString(Path.of(args[1])));
            System.exit(client.runAll() ? 0 : 1);
        } finally {
            channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    private boolean runAll() {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("a seven is a seven on both backends and in both encodings", this::sevens);
        checks.put("a version is answered by that version", this::version);
        checks.put("an output filter leaves the rest out", this::filter);
        checks.put("strings go in and come out", this::strings);
        checks.put("metadata describes the signature", this::metadata);
        checks.put("an unknown model is not found", this::unknownModel);
        checks.put("rest predicts", this::rest);
        checks.put("rest tells status and errors", this::statusAndErrors);
        boolean allHold = true;
        for (Map.Entry<String, Check> check : checks.entrySet()) {
            try {
                check.getValue().run();
                System.out.println("passed: java, " + check.getKey());
            } catch (IOException | RuntimeException | AssertionError e) {
                System.out.println("FAILED: java, " + check.getKey() + " - " + e);
                allHold = false;
            }
        }
        return allHold;
    }

    private void sevens() {
        for (String model : List.of("digits", "digits_onnx")) {
            for (TensorProto image : List.of(listed(), packed())) {
                Predict.PredictResponse answer = predict(ask(model).putInputs("image", image));
                check(answer.getOutputsOrThrow("class").getInt64ValList().equals(List.of(7L)), answer);
                check(answer.getOutputsOrThrow("probabilities").getFloatValCount() == 10, answer);
            }
        }
    }

    private void version() {
        Predict.PredictRequest.Builder request = ask("digits").putInputs("image", packed());
        request.getModelSpecBuilder().setVersion(Int64Value.newBuilder().setValue(1));
        Predict.PredictResponse answer = predict(request);
        check(answer.getOutputsOrThrow("class").getInt64ValList().equals(List.of(7L)), answer);
    }

    private void filter() {
        Predict.PredictResponse answer =
                predict(ask("digits").putInputs("image", packed()).addOutputFilter("class"));
        check(answer.getOutputsMap().keySet().equals(Set.of("class")), answer);
    }

    private void strings() {
        TensorProto text = shaped(DataType.DT_STRING, 2)
                .addStringVal(ByteString.copyFromUtf8("works well"))
                .addStringVal(ByteString.copyFromUtf8("a waste of money"))
                .build();
        TensorProto labels = predict(ask("sentiment").putInputs("text", text)).getOutputsOrThrow("label");
        check(labels.getStringVal(0).toStringUtf8().equals("positive"), labels);
        check(labels.getStringVal(1).toStringUtf8().equals("negative"), labels);
    }

    private void metadata() throws IOException {
        GetModelMetadata.GetModelMetadataResponse answer =
                timed().getModelMetadata(GetModelMetadata.GetModelMetadataRequest.newBuilder()
                        .setModelSpec(Model.ModelSpec.newBuilder().setName("digits"))
                        .addMetadataField("signature_def")
                        .build());
        GetModelMetadata.SignatureDefMap signatures =
                answer.getMetadataOrThrow("signature_def").unpack(GetModelMetadata.SignatureDefMap.class);
        check(
                signatures
                        .getSignatureDefOrThrow("serving_default")
                        .getInputsOrThrow("image")
                        .getDtype()
                        .equals(DataType.DT_FLOAT),
                signatures);
    }

    private void unknownModel() {
        try {
            predict(ask("nowhere"));
        } catch (StatusRuntimeException e) {
            check(e.getStatus().getCode() == Status.Code.NOT_FOUND, e);
            return;
        }
        throw new AssertionError("an answer came");
    }

    private void rest() throws IOException {
        Answer answer = http("digits:predict", seven);
        check(answer.status() == 200 && answer.body().contains("\"class\": 7"), answer);
    }

    private void statusAndErrors() throws IOException {
        Answer status = http("digits/versions/1", null);
        check(status.status() == 200 && status.body().contains("AVAILABLE"), status);
        Answer error = http("digits:predict", "{}");
        check(error.status() == 400 && error.body().contains("Missing 'inputs' or 'instances' key"), error);
    }

    private record Answer(int status, String body) {}

    private Answer http(String path, String body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(base + path).toURL().openConnection();
        connection.setReadTimeout(20_000);
        if (body != null) {
            connection.setDoOutput(true);
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Answer(status, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private PredictionServiceGrpc.PredictionServiceBlockingStub timed() {
        return stub.withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private Predict.PredictResponse predict(Predict.PredictRequest.Builder request) {
        return timed().predict(request.build());
    }

    private static Predict.PredictRequest.Builder ask(String model) {
        return Predict.PredictRequest.newBuilder()
                .setModelSpec(Model.ModelSpec.newBuilder().setName(model).setSignatureName("serving_default"));
    }

    private TensorProto listed() {
        return shaped(DataType.DT_FLOAT, 1, 8, 8, 1).addAllFloatVal(pixels).build();
    }

    private TensorProto packed() {
        ByteBuffer bytes = ByteBuffer.allocate(pixels.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        pixels.forEach(bytes::putFloat);
        return shaped(DataType.DT_FLOAT, 1, 8, 8, 1)
                .setTensorContent(ByteString.copyFrom(bytes.array()))
                .build();
    }

    private static TensorProto.Builder shaped(DataType dtype, long... sizes) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (long size : sizes) {
            shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
        }
        return TensorProto.newBuilder().setDtype(dtype).setTensorShape(shape);
    }

    private static void check(boolean holds, Object answer) {
        if (!holds) {
            throw new AssertionError("got " + answer);
        }
    }
}
