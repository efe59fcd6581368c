package turnout.gateway.edge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.Map;
import java.util.function.Supplier;

/** Serves one text, made anew for each request on the decode pool: the metrics page. */
public final class TextDoor implements RestDoor {
    private final String path;
    private final String contentType;
    private final Supplier<String> text;
    private final DecodePool pool;

    public TextDoor(String path, String contentType, Supplier<String> text, DecodePool pool) {
        this.path = path;
        this.contentType = contentType;
        this.text = text;
        this.pool = pool;
    }

    @Override
    public boolean owns(String requested) {
        return requested.equals(path);
    }

    @Override
    public void handle(Exchange exchange) {
        if (!exchange.method().equals(HttpMethod.GET)) {
            exchange.respond(405, "text/plain", Buffer.buffer("only GET is served here\n"), Map.of("Allow", "GET"));
            return;
        }
        pool.run(text::get)
                .onComplete(
                        made -> exchange.respond(200, contentType, Buffer.buffer(made), Map.of()),
                        failed -> exchange.respond(500, "text/plain", Buffer.buffer("internal error\n"), Map.of()));
    }
}
