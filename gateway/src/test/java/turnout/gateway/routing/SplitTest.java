package turnout.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SplitTest {
    private static final int KEYS = 20_000;

    @Test
    void twentyThousandKeysAreDealtByWeight() {
        Split split = new Split("m", Map.of(1L, 90, 2L, 10));

        long canary = keys().filter(key -> split.pick("user-" + key) == 2).count();

        assertThat(canary * 100.0 / KEYS).isCloseTo(10, within(1.0));
    }

    @Test
    void sharesOfThreeVersionsAreAsWeighted() {
        Split split = new Split("m", Map.of(1L, 20, 2L, 50, 3L, 30));

        Map<Long, Integer> counts = new HashMap<>();
        keys().forEach(key -> counts.merge(split.pick("user-" + key), 1, Integer::sum));

        assertThat(counts.getOrDefault(1L, 0) * 100.0 / KEYS).isCloseTo(20, within(1.5));
        assertThat(counts.getOrDefault(2L, 0) * 100.0 / KEYS).isCloseTo(50, within(1.5));
        assertThat(counts.getOrDefault(3L, 0) * 100.0 / KEYS).isCloseTo(30, within(1.5));
    }

    @Test
    void wideningTheNewestOfThreeMovesUnitsToItOnly() {
        Split before = new Split("m", Map.of(1L, 45, 2L, 45, 3L, 10));
        Split after = new Split("m", Map.of(1L, 45, 2L, 45, 3L, 90));

        assertThat(keys()).allSatisfy(key -> {
            long now = after.pick("user-" + key);
            assertThat(now).isIn(before.pick("user-" + key), 3L);
        });
    }

    @Test
    void theSaltMakesSplitsIndependent() {
        Split one = new Split("a", Map.of(1L, 50, 2L, 50));
        Split other = new Split("b", Map.of(1L, 50, 2L, 50));

        long same = keys().filter(key -> one.pick("u" + key) == other.pick("u" + key))
                .count();

        assertThat(same * 100.0 / KEYS).isCloseTo(50, within(2.0));
    }

    @Test
    void weightsThatMakeNoSenseAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Split("m", Map.of(1L, 0)));
        assertThatIllegalArgumentException().isThrownBy(() -> new Split("m", Map.of(1L, 2, 2L, -1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new Split("m", Map.of()));
    }

    @Test
    void theNewestWithWeightIsTheTreatmentAndAVersionAloneIsNone() {
        assertThat(new Split("m", Map.of(1L, 90, 2L, 10)).isTreatment(2)).isTrue();
        assertThat(new Split("m", Map.of(1L, 90, 2L, 10)).isTreatment(1)).isFalse();
        // Rolled back: the control is the newest with weight, and still the control.
        assertThat(new Split("m", Map.of(1L, 100, 2L, 0)).isTreatment(1)).isFalse();
        assertThat(new Split("m", Map.of(1L, 0, 2L, 100)).isTreatment(2)).isFalse();
    }

    @Property
    void theSameKeyAlwaysGetsTheSameVersion(@ForAll String key, @ForAll @IntRange(min = 1, max = 99) int weight) {
        long first = new Split("m", Map.of(1L, 100 - weight, 2L, weight)).pick(key);

        assertThat(new Split("m", Map.of(1L, 100 - weight, 2L, weight)).pick(key))
                .isEqualTo(first);
    }

    @Property
    void wideningMovesUnitsOnlyToTheNewest(
            @ForAll String key,
            @ForAll @IntRange(min = 0, max = 100) int oldest,
            @ForAll @IntRange(min = 1, max = 100) int middle,
            @ForAll @IntRange(min = 0, max = 100) int newest,
            @ForAll @IntRange(min = 0, max = 100) int more) {
        long before = new Split("m", Map.of(1L, oldest, 2L, middle, 3L, newest)).pick(key);
        long after = new Split("m", Map.of(1L, oldest, 2L, middle, 3L, newest + more)).pick(key);

        assertThat(after).isIn(before, 3L);
    }

    @Property
    void weightZeroNeverGetsACall(
            @ForAll String key,
            @ForAll @IntRange(min = 1, max = 1000) int one,
            @ForAll @IntRange(max = 1000) int other) {
        assertThat(new Split("m", Map.of(1L, one, 2L, 0, 3L, other)).pick(key)).isNotEqualTo(2);
        assertThat(new Split("m", Map.of(1L, 0, 2L, other, 3L, one)).pick(key)).isNotEqualTo(1);
        assertThat(new Split("m", Map.of(1L, one, 2L, other, 3L, 0)).pick(key)).isNotEqualTo(3);
    }

    @Property
    void everyUnitLiesOnTheLine(@ForAll String salt, @ForAll String key) {
        assertThat(Split.bucket(salt, key)).isBetween(0, Split.PARTS - 1);
    }

    private static Stream<Integer> keys() {
        return IntStream.range(0, KEYS).boxed();
    }
}
