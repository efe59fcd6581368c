package turnout.gateway.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberTextTest {
    private static final int MANY = 400_000;

    private static NumberText over(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return new NumberText(bytes, bytes.length);
    }

    /** Reads a list as the doors do: in runs, and one by one what a run leaves. */
    private static List<Float> floats(String list) {
        byte[] bytes = list.getBytes(StandardCharsets.US_ASCII);
        NumberText numbers = new NumberText(bytes, bytes.length);
        ByteBuffer run = ByteBuffer.allocate(bytes.length * 2).order(ByteOrder.LITTLE_ENDIAN);
        List<Float> all = new ArrayList<>();
        int at = 1;
        while (at < bytes.length) {
            int count = numbers.readFloats(at, run.array(), 0, bytes.length);
            for (int i = 0; i < count; i++) {
                all.add(run.getFloat(i * Float.BYTES));
            }
            at = numbers.position();
            if (count == 0) {
                at = numbers.read(at);
                all.add(numbers.toFloat());
            }
            while (at < bytes.length && (bytes[at] == ',' || bytes[at] == ' ' || bytes[at] == ']')) {
                at++;
            }
        }
        return all;
    }

    private static void areRoundedAsTheJdkDoes(List<String> spellings) {
        List<Float> read = floats("[" + String.join(", ", spellings) + "]");
        assertThat(read).hasSameSizeAs(spellings);
        for (int i = 0; i < read.size(); i++) {
            float expected = Float.parseFloat(spellings.get(i));
            if (Float.floatToRawIntBits(read.get(i)) != Float.floatToRawIntBits(expected)) {
                assertThat(read.get(i)).as(spellings.get(i)).isEqualTo(expected);
            }
        }
    }

    @Test
    void floatsOfAnyBitsAreRead() {
        Random random = new Random(1);
        List<String> spellings = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            spellings.add(Float.isFinite(value) ? Float.toString(value) : "0.5");
        }
        areRoundedAsTheJdkDoes(spellings);
    }

    @Test
    void doublesWithAllTheirDigitsAreRoundedOnce() {
        Random random = new Random(2);
        List<String> spellings = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            spellings.add(Double.toString((random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(12) - 4)));
        }
        areRoundedAsTheJdkDoes(spellings);
    }

    @Test
    void numbersAtAndBesideTheMiddleBetweenTwoFloatsAreRoundedOnce() {
        Random random = new Random(3);
        List<String> spellings = new ArrayList<>();
        for (int i = 0; i < MANY / 8; i++) {
            float value = Float.intBitsToFloat(0x30000000 + random.nextInt(0x20000000));
            double middle = ((double) value + Math.nextUp(value)) / 2;
            spellings.add(new java.math.BigDecimal(middle).toPlainString());
            spellings.add(Double.toString(middle));
            spellings.add(Double.toString(Math.nextUp(middle)));
            spellings.add(Double.toString(Math.nextDown(middle)));
        }
        areRoundedAsTheJdkDoes(spellings);
    }

    @Test
    void numbersOfAnyLengthAreRead() {
        Random random = new Random(4);
        List<String> spellings = new ArrayList<>();
        for (int i = 0; i < MANY / 4; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
            text.append(
                    random.nextInt(4) == 0 ? "0" : Long.toString(1 + (random.nextLong() >>> (1 + random.nextInt(62)))));
            int fraction = random.nextInt(28);
            for (int d = 0; d < fraction; d++) {
                text.append(d == 0 ? "." : "")
                        .append(random.nextInt(3) == 0 ? random.nextInt(10) : random.nextInt(2) * 9);
            }
            if (random.nextInt(8) == 0) {
                text.append(String.format(Locale.ROOT, "e%+d", random.nextInt(90) - 50));
            }
            spellings.add(text.toString());
        }
        spellings.add("99999999999999999999");
        spellings.add("18446744073709551617");
        spellings.add("9999999999999999999");
        spellings.add("0.9999999999999999999");
        areRoundedAsTheJdkDoes(spellings);
        for (String spelling : spellings) {
            NumberText number = over(spelling);
            assertThat(number.read(0)).isEqualTo(spelling.length());
            assertThat(number.toDouble()).isEqualTo(Double.parseDouble(spelling));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-0,true",
        "-0.0,false",
        "0,false",
        "-1,false",
        "-0e1,false",
    })
    void onlyTheTokenMinusZeroIsWholeMinusZero(String text, boolean expected) {
        NumberText number = over(text);
        number.read(0);
        assertThat(number.isWholeMinusZero()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"01,", "1.,", "-,", "1e5,", "1x,", "NaN,", "1", ".5,", "+1,", "--1,", "\"1\",", "1.2.3,"})
    void whatIsNotPlainIsNotPassed(String text) {
        NumberText numbers = over(text);
        assertThat(numbers.passList(0)).isZero();
        assertThat(numbers.passed()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1,2.5 , -3]|10|3",
                "1,2,]|3|2",
                "1,02,3]|1|1",
                "1],[2]|1|1",
                "1.12345678901234567,2 ]|21|2",
            })
    void listsArePassedUpToTheLastPlainNumber(String text, int end, int count) {
        NumberText numbers = over(text);
        assertThat(numbers.passList(0)).isEqualTo(end);
        assertThat(numbers.passed()).isEqualTo(count);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"1],[2] , [ 3]|12|3", "1]],[2]|1|1", "1],2]|1|1", "1] [2]|1|1", "1],[[2]|1|1"})
    void bracketsBetweenListsArePassedWhereTheyMayStand(String text, int end, int count) {
        NumberText numbers = over(text);
        assertThat(numbers.passLists(0)).isEqualTo(end);
        assertThat(numbers.passed()).isEqualTo(count);
    }
}
