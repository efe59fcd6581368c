package turnout.dist;

import io.vertx.core.json.JsonObject;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server counts, as its clients can ask for it. */
final class Figures {
    private final Served server;

    Figures(Served server) {
        this.server = server;
    }

    /** Runs of a model's session that served calls, by the statistics of the Open Inference Protocol. */
    long executions(String model) {
        return statistics(model).getLong("execution_count");
    }

    /** Rows that were answered. */
    long inferences(String model) {
        return statistics(model).getLong("inference_count");
    }

    /** Calls that left a model's queue for that reason. */
    long exits(String model, String reason) {
        Matcher line = Pattern.compile("(?m)^turnout_queue_exits_total\\{(?=[^}]*model=\"" + model
                        + "\")(?=[^}]*reason=\"" + reason + "\")[^}]*} ([0-9.E]+)$")
                .matcher(server.get("/metrics").body());
        long sum = 0;
        while (line.find()) {
            sum += (long) Double.parseDouble(line.group(1));
        }
        return sum;
    }

    private JsonObject statistics(String model) {
        return new JsonObject(server.get("/v2/models/" + model + "/stats").body())
                .getJsonArray("model_stats")
                .getJsonObject(0);
    }
}
