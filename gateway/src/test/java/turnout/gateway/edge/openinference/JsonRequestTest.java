package turnout.gateway.edge.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.DataType;

class JsonRequestTest {
    private static final String X = "{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1,2]}";

    @Test
    void keysMayComeInAnyOrderAndUnknownOnesAreIgnored() {
        JsonRequest request = read(
                "{\"outputs\":[{\"name\":\"y\",\"note\":1}],\"model_name\":\"z\",\"inputs\":[{\"data\":[1,[2]],"
                        + "\"deep\":{\"a\":[{}]},\"datatype\":\"FP32\",\"shape\":[1,2],\"\\u006eame\":\"x\"}],\"id\":\"late\"}");

        assertThat(request.id()).isEqualTo("late");
        assertThat(request.outputs()).containsExactly(OutputAsk.plain("y"));
        assertThat(request.inputs()).singleElement().satisfies(input -> {
            assertThat(input.name()).isEqualTo("x");
            assertThat(input.type()).isEqualTo(DataType.FP32);
            assertThat(input.shape()).containsExactly(1, 2);
        });
    }

    @Test
    void nullStandsForNothingWhereNothingIsAllowed() {
        JsonRequest request = read("{\"id\":null,\"parameters\":null,\"outputs\":null,\"inputs\":[" + X + "]}");

        assertThat(request.id()).isEmpty();
        assertThat(request.outputs()).isEmpty();
    }

    @Test
    void parametersAreSortedIntoThoseWithAMeaningAndThoseForTheModel() {
        JsonRequest request = read(
                "{\"parameters\":{\"timeout\":5000,\"priority\":1,\"sequence_id\":\"a\",\"binary_data_output\":true,"
                        + "\"tenant\":\"blue\",\"n\":3,\"ratio\":0.5,\"on\":false},\"inputs\":[" + X + "]}");

        assertThat(request.parameters().timeoutMicros()).isEqualTo(5000);
        assertThat(request.parameters().binaryOutput()).isTrue();
        assertThat(request.parameters().forModel())
                .containsOnlyKeys("tenant", "n", "ratio", "on")
                .containsEntry("n", 3L)
                .containsEntry("ratio", 0.5);
    }

    @Test
    void bytesOfBinaryInputsLieBackToBackBehindTheJson() {
        String json = "{\"inputs\":[" + binary("a", 4) + "," + X + "," + binary("b", 2) + "]}";
        byte[] body = (json + "aaaabb").getBytes(StandardCharsets.UTF_8);

        JsonRequest request = JsonRequest.read("m", body, json.length());

        assertThat(request.inputs().get(0).from()).isEqualTo(json.length());
        assertThat(request.inputs().get(2).from()).isEqualTo(json.length() + 4);
        assertThat(request.inputs().get(2).to()).isEqualTo(body.length);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void bytesTooFewOrTooManyAreRefused(int surplus) {
        String json = "{\"inputs\":[" + binary("a", 4) + "]}";
        byte[] body = (json + "x".repeat(4 + surplus)).getBytes(StandardCharsets.UTF_8);

        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> JsonRequest.read("m", body, json.length()))
                .withMessage(
                        surplus > 0
                                ? "unexpected additional input data for model 'm'"
                                : "unexpected size for input 'a', expecting 1 additional bytes for model 'm'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "7",
                "{}",
                "{\"inputs\":null}",
                "{\"inputs\":{}}",
                "{\"inputs\":[\"x\"]}",
                "{\"inputs\":[null]}",
                "{\"inputs\":[{}]}",
                "{\"inputs\":[X,X]}",
                "{\"inputs\":[X]}}",
                "{\"inputs\":[X]}{\"inputs\":[X]}",
                "{\"inputs\":[X],\"inputs\":[X]}",
                "{\"inputs\":[X],\"id\":5}",
                "{\"inputs\":[X],\"parameters\":[1]}",
                "{\"inputs\":[X],\"parameters\":{\"a\":null}}",
                "{\"inputs\":[X],\"parameters\":{\"a\":[1]}}",
                "{\"inputs\":[X],\"parameters\":{\"timeout\":\"5\"}}",
                "{\"inputs\":[X],\"parameters\":{\"timeout\":-5}}",
                "{\"inputs\":[X],\"parameters\":{\"binary_data_output\":1}}",
                "{\"inputs\":[X],\"parameters\":{\"triton_enable\":true}}",
                "{\"inputs\":[X],\"outputs\":\"y\"}",
                "{\"inputs\":[X],\"outputs\":[\"y\"]}",
                "{\"inputs\":[X],\"outputs\":[{}]}",
                "{\"inputs\":[X],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":\"yes\"}}]}",
                "{\"inputs\":[X],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":0}}]}",
                "{\"inputs\":[X],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":\"three\"}}]}",
                "{\"inputs\":[{\"name\":5,\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":2,\"datatype\":\"FP32\",\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[2.5],\"datatype\":\"FP32\",\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[true],\"datatype\":\"FP32\",\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[9223372036854775808],\"datatype\":\"FP32\",\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"fp32\",\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\"}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":null}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":1}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"parameters\":\"x\",\"data\":[1]}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1],"
                        + "\"parameters\":{\"binary_data_size\":0}}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":-4}}]}",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":true}}]}"
            })
    void malformedRequestsAreRefused(String text) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read(text.replace("X", X)))
                .satisfies(e -> assertThat(e.refusal().kind()).isEqualTo(Refusal.Kind.MALFORMED));
    }

    @Test
    void sharedMemoryIsNotServed() {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> read("{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\","
                        + "\"parameters\":{\"shared_memory_region\":\"r\"}}]}"))
                .satisfies(e -> assertThat(e.refusal().kind()).isEqualTo(Refusal.Kind.UNSUPPORTED));
    }

    private static String binary(String name, int bytes) {
        return "{\"name\":\"" + name + "\",\"shape\":[1],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":"
                + bytes + "}}";
    }

    private static JsonRequest read(String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        return JsonRequest.read("m", body, body.length);
    }
}
