package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.ServiceName;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Asks at TensorFlow Serving's doors. JSON is written with apostrophes for quotation marks. */
final class CaseClient {
    private final Doors doors;

    CaseClient(Doors doors) {
        this.doors = doors;
    }

    static String json(String text) {
        return text.replace('\'', '"');
    }

    /** Each of the models answers a predict with those members with that body. */
    void answers(List<CaseModel> models, String members, String expected) {
        for (CaseModel model : models) {
            assertThat(parsed(predicted(model, members))).as("%s", model).isEqualTo(parsed(json(expected)));
        }
    }

    /** The body that answers a predict. */
    String predicted(CaseModel model, String members) {
        HttpResponse<String> answer = predict(model, members);
        assertThat(answer.statusCode()).as("%s: %s", model, answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        return answer.body();
    }

    /** Each of the models refuses a predict with those members. */
    void refuses(List<CaseModel> models, String members, String words) {
        for (CaseModel model : models) {
            isRefused(predict(model, members), 400, words);
        }
    }

    /** A predict with that body is refused whatever the model. */
    void refusesBody(String body, String words) {
        for (CaseModel model : CaseModel.PLAIN) {
            isRefused(post("/v1/models/" + model.name() + ":predict", body), 400, words);
        }
    }

    /** The body that answers a classify or regress. */
    String examined(String method, String signature, String members) {
        HttpResponse<String> answer = examine(method, signature, members);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    /** A classify and a regress with those members are refused. */
    void refusesExamples(String members, String words) {
        isRefused(examine("classify", "classify_x_to_y", members), 400, words);
        isRefused(examine("regress", "regress_x_to_y", members), 400, words);
    }

    HttpResponse<String> examine(String method, String signature, String members) {
        return post("/v1/models/examples:" + method, "{'signature_name': '" + signature + "', " + members + "}");
    }

    private HttpResponse<String> predict(CaseModel model, String members) {
        String signature = model.signature() == null ? "" : "'signature_name': '" + model.signature() + "', ";
        return post("/v1/models/" + model.name() + ":predict", "{" + signature + members + "}");
    }

    HttpResponse<String> post(String path, String body) {
        return send("POST", path, json(body).getBytes(StandardCharsets.UTF_8));
    }

    HttpResponse<String> get(String path) {
        return send("GET", path, new byte[0]);
    }

    HttpResponse<String> send(String method, String path, byte[] body, String... headers) {
        return doors.rest().send(method, path, body, headers).join();
    }

    /** An error as TensorFlow Serving's clients know it. */
    static void isRefused(HttpResponse<String> answer, int status, String words) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(new JsonObject(answer.body()).getString("error")).contains(words);
    }

    /** The answer to a call over gRPC. */
    <A extends Message> A call(ServiceName service, String method, Message request, A kind) {
        return doors.grpc()
                .call(service, method, request, kind, Map.of())
                .join()
                .message();
    }

    /** A call over gRPC fails. */
    void refusesCall(ServiceName service, String method, Message request, Message kind, String status, String words) {
        assertThatThrownBy(() -> call(service, method, request, kind))
                .hasCauseInstanceOf(NotAnswered.class)
                .cause()
                .hasMessageStartingWith(status + ": ")
                .hasMessageContaining(words);
    }

    /** JSON in which numbers are compared as they are spelled, and members in any order. */
    private static JsonObject parsed(String body) {
        String dense = body.replaceAll("\\s", "");
        return new JsonObject(dense.replaceAll("(?<=[\\[,:])[^\\[\\]{},:\"]+(?=[\\],}])", "\"$0\""));
    }

    /** The tokens of a flat list in a body. */
    static List<String> tokens(String body) {
        String list = body.substring(body.indexOf('[') + 1, body.indexOf(']'));
        List<String> tokens = new ArrayList<>();
        for (String token : list.split(",", -1)) {
            tokens.add(token.strip());
        }
        return tokens;
    }
}
