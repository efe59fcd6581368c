package turnout.bench;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;

/**
 * The floor: a Vert.x server that reads each body and answers with fixed bytes.
 *
 * <p>Arguments: port, answer size in bytes.
 */
public final class BareHandler {
    private BareHandler() {}

    /** Serves until it is killed. */
    public static void main(String[] arguments) {
        Vertx vertx = Vertx.vertx();
        Buffer answer = Buffer.buffer("x".repeat(Integer.parseInt(arguments[1])));
        vertx.createHttpServer(new HttpServerOptions().setTcpNoDelay(true))
                .requestHandler(request -> request.body().onSuccess(body -> request.response()
                        .putHeader("Content-Type", "application/json")
                        .end(answer)))
                .listen(Integer.parseInt(arguments[0]), "127.0.0.1")
                .onComplete(server -> System.out.println("bare handler ready"), failure -> {
                    System.err.println(failure.getMessage());
                    System.exit(1);
                });
    }
}
