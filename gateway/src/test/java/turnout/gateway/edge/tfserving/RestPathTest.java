package turnout.gateway.edge.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.http.HttpMethod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import turnout.gateway.call.VersionSelector;

class RestPathTest {
    private static RestPath parse(String verb, String path) {
        return RestPath.parse(HttpMethod.valueOf(verb), path);
    }

    private static void leads(String verb, String path, RestPath.Action action, String model, VersionSelector to) {
        assertThat(parse(verb, path)).isEqualTo(new RestPath(action, new Target(model, to)));
    }

    @Test
    void pathsOfEveryKind() {
        leads("POST", "/v1/models/m:predict", RestPath.Action.PREDICT, "m", VersionSelector.ANY);
        leads("POST", "/v1/models/m:classify", RestPath.Action.CLASSIFY, "m", VersionSelector.ANY);
        leads("POST", "/v1/models/m/versions/7:regress", RestPath.Action.REGRESS, "m", new VersionSelector.Exactly(7));
        leads("POST", "/v1/models/m/labels/l:predict", RestPath.Action.PREDICT, "m", new VersionSelector.Labelled("l"));
        leads("GET", "/v1/models/m", RestPath.Action.STATUS, "m", VersionSelector.ANY);
        leads("GET", "/v1/models/m/versions/0007", RestPath.Action.STATUS, "m", new VersionSelector.Exactly(7));
        leads("GET", "/v1/models/m/labels/l", RestPath.Action.STATUS, "m", new VersionSelector.Labelled("l"));
        leads("GET", "/v1/models/m/metadata", RestPath.Action.METADATA, "m", VersionSelector.ANY);
        leads("GET", "/v1/models/m/versions/7/metadata", RestPath.Action.METADATA, "m", new VersionSelector.Exactly(7));
        leads("GET", "/v1/models/metadata", RestPath.Action.STATUS, "metadata", VersionSelector.ANY);
        leads("GET", "/v1/models", RestPath.Action.LIST, "", VersionSelector.ANY);
    }

    @Test
    void wordsCountInAnyCaseAndNamesInTheirs() {
        leads(
                "POST",
                "/V1/MODELS/Mixed/Versions/1:PREDICT",
                RestPath.Action.PREDICT,
                "Mixed",
                new VersionSelector.Exactly(1));
    }

    @Test
    void namesAndLabelsAreDecodedExactlyOnce() {
        String encoded = "modelname%21%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3D%3F%40%5B%5D";
        String plain = "modelname!#$%&'()*+,/:;=?@[]";
        leads("POST", "/v1/models/" + encoded + ":predict", RestPath.Action.PREDICT, plain, VersionSelector.ANY);
        leads(
                "GET",
                "/v1/models/m/labels/" + encoded,
                RestPath.Action.STATUS,
                "m",
                new VersionSelector.Labelled(plain));
        leads("GET", "/v1/models/%252e%252e", RestPath.Action.STATUS, "%2e%2e", VersionSelector.ANY);
        leads("GET", "/v1/models/a+b%20%zz%C3%A4%", RestPath.Action.STATUS, "a+b %zzä%", VersionSelector.ANY);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/v1/models/m:predict",
        "POST,/v1/models/m",
        "POST,/v1/models/m/metadata",
        "PUT,/v1/models/m:predict",
        "DELETE,/v1/models/m",
        "POST,/v1/models/m:prediction",
        "POST,/v1/models/m:",
        "POST,/v1/models/m/predict",
        "POST,/v1/models/:predict",
        "POST,/v1/models/m/versions/1/labels/stable:predict",
        "POST,/v1/models/m/labels/stable/versions/1:predict",
        "POST,/v1/models/m/versions/one:predict",
        "POST,/v1/models/m/versions/-1:predict",
        "POST,/v1/models/m/versions/:predict",
        "POST,/v1/models/m/versions:predict",
        "POST,/v1/models/m/version/1:predict",
        "GET,/v1/models/m/versions/1/labels/stable",
        "GET,/v1/models/m/versions/x/metadata",
        "GET,/v1/models/m/metadata/more",
        "GET,/v1/models/m/",
        "GET,/v1/models/",
        "GET,/v1/unknown",
        "GET,/v1/",
        "POST,/v1/models/m/versions/1/:predict",
        "POST,/v1/models",
        "HEAD,/v1/models/m"
    })
    void everythingElseIsMalformedAndNamed(String verb, String path) {
        assertThatThrownBy(() -> parse(verb, path)).hasMessage("Malformed request: " + verb + " " + path);
    }

    @Test
    void aVersionBeyondInt64IsNamed() {
        leads(
                "GET",
                "/v1/models/m/versions/9223372036854775807",
                RestPath.Action.STATUS,
                "m",
                new VersionSelector.Exactly(Long.MAX_VALUE));
        assertThatThrownBy(() -> parse("POST", "/v1/models/m/versions/9223372036854775808:predict"))
                .hasMessage("Failed to convert version: 9223372036854775808 to numeric.");
    }
}
