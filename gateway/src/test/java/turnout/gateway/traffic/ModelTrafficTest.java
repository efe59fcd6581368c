package turnout.gateway.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import turnout.gateway.call.Route;
import turnout.gateway.lane.Lane;
import turnout.gateway.lifecycle.ModelConfig;
import turnout.gateway.lifecycle.Routing.RoutedModel;
import turnout.gateway.lifecycle.VersionRef;
import turnout.gateway.routing.ModelRoute;
import turnout.spi.ModelVersion;
import turnout.spi.Signature;

class ModelTrafficTest {
    private final ModelTraffic traffic = new ModelTraffic();

    private static ModelConfig config(
            Map<String, Long> labels, @Nullable String defaultVersion, Map<String, Integer> weights) {
        Map<VersionRef, Integer> arms = new java.util.LinkedHashMap<>();
        weights.forEach((arm, weight) -> arms.put(VersionRef.parse(arm), weight));
        ModelConfig absent = ModelConfig.DEFAULT;
        return new ModelConfig(
                null,
                absent.versions(),
                absent.policy(),
                true,
                new TreeMap<>(labels),
                defaultVersion == null ? null : VersionRef.parse(defaultVersion),
                arms,
                absent.load());
    }

    private ModelTraffic.Decision decide(ModelConfig config, long... available) {
        SortedMap<Long, Lane> lanes = new TreeMap<>();
        for (long number : available) {
            lanes.put(number, new StubLane(new ModelVersion("m", number)));
        }
        return traffic.decide(new RoutedModel("m", config, lanes, new TreeMap<>()));
    }

    @Test
    void theHighestAvailableVersionIsTheDefault() {
        ModelRoute route = decide(ModelConfig.DEFAULT, 1, 3).route();
        assertThat(route.defaultVersion()).hasValue(3);
        assertThat(route.split()).isNull();
    }

    @Test
    void aNamedDefaultIsANumberOrALabel() {
        assertThat(decide(config(Map.of(), "1", Map.of()), 1, 3).route().defaultVersion())
                .hasValue(1);
        assertThat(decide(config(Map.of("stable", 1L), "stable", Map.of()), 1, 3)
                        .route()
                        .defaultVersion())
                .hasValue(1);
    }

    @Test
    void aDefaultThatIsNotAvailableFallsBackAndSaysSo() {
        ModelTraffic.Decision decision = decide(config(Map.of(), "2", Map.of()), 1, 3);
        assertThat(decision.route().defaultVersion()).hasValue(3);
        assertThat(decision.inForce().conditions())
                .containsExactly("the default 2 is not available: calls go to the highest available version");
    }

    @Test
    void nothingAvailableIsNoDefault() {
        assertThat(decide(ModelConfig.DEFAULT).route().defaultVersion()).isEmpty();
    }

    @Test
    void weightsAreDealtOverVersionsAndLabels() {
        ModelTraffic.Decision decision =
                decide(config(Map.of("stable", 1L), null, Map.of("stable", 90, "2", 10)), 1, 2);
        assertThat(decision.inForce().weights()).isEqualTo(Map.of(1L, 90, 2L, 10));
        assertThat(decision.route().split()).isNotNull();
        assertThat(decision.inForce().defaultVersion()).hasValue(1);
    }

    @Test
    void twoNamesForOneVersionAddUp() {
        assertThat(decide(config(Map.of("stable", 1L), null, Map.of("stable", 90, "1", 10)), 1)
                        .inForce()
                        .weights())
                .isEqualTo(Map.of(1L, 100));
    }

    @Test
    void theWeightOfAnUnavailableArmGoesToTheRest() {
        ModelTraffic.Decision decision = decide(config(Map.of(), null, Map.of("1", 90, "2", 10)), 1, 3);
        assertThat(decision.inForce().weights()).isEqualTo(Map.of(1L, 90));
        assertThat(decision.inForce().conditions())
                .containsExactly("traffic names 2, which is not available: its weight goes to the rest");
    }

    @Test
    void noArmAvailableIsUnavailableAlthoughOtherVersionsAreThere() {
        ModelRoute route =
                decide(config(Map.of(), null, Map.of("1", 90, "2", 10)), 3).route();
        assertThat(route.split()).isNull();
        assertThat(route.defaultVersion()).isEmpty();
    }

    @Test
    void weightZeroGetsNoCallsEvenWhenItIsAllThatIsLeft() {
        ModelRoute route =
                decide(config(Map.of(), null, Map.of("1", 0, "2", 10)), 1).route();
        assertThat(route.split()).isNull();
        assertThat(route.defaultVersion()).isEmpty();
    }

    @Test
    void aLabelStaysUntilItsNewVersionIsAvailable() {
        decide(config(Map.of("stable", 1L), null, Map.of()), 1, 2);
        ModelTraffic.Decision waiting = decide(config(Map.of("stable", 3L), null, Map.of()), 1, 2);
        assertThat(waiting.route().labels()).isEqualTo(Map.of("stable", 1L));
        assertThat(waiting.inForce().conditions())
                .containsExactly("label stable stays on version 1 until version 3 is available");
        assertThat(traffic.wanted()).contains(1L, 3L);
        assertThat(decide(config(Map.of("stable", 3L), null, Map.of()), 1, 2, 3)
                        .route()
                        .labels())
                .isEqualTo(Map.of("stable", 3L));
        assertThat(traffic.wanted()).containsExactly(3L);
    }

    @Test
    void aNewLabelMayPointAtWhatIsNotAvailableYet() {
        ModelTraffic.Decision decision = decide(config(Map.of("next", 9L), null, Map.of()), 1);
        assertThat(decision.route().labels()).isEqualTo(Map.of("next", 9L));
        assertThat(decision.inForce().conditions())
                .containsExactly("label next points at version 9, which is not available");
    }

    @Test
    void anOverrideHoldsUntilTheFilesSameKeyChanges() {
        ModelConfig file = config(Map.of("stable", 1L), null, Map.of("1", 1));
        decide(file, 1, 2);
        traffic.overrides().traffic(Map.of(new VersionRef.Exact(2), 1), file);
        traffic.overrides().label("stable", 2, file);
        assertThat(decide(file, 1, 2).inForce().weights()).isEqualTo(Map.of(2L, 1));
        assertThat(traffic.labels()).containsEntry("stable", 2L);

        ModelConfig otherTraffic = config(Map.of("stable", 1L), null, Map.of("1", 5));
        assertThat(decide(otherTraffic, 1, 2).inForce().weights()).isEqualTo(Map.of(1L, 5));
        assertThat(traffic.labels()).containsEntry("stable", 2L);

        ModelConfig otherLabel = config(Map.of("stable", 3L), null, Map.of("1", 5));
        decide(otherLabel, 1, 2, 3);
        assertThat(traffic.labels()).containsEntry("stable", 3L);
    }

    private record StubLane(ModelVersion version) implements Lane {
        @Override
        public long generation() {
            return 1;
        }

        @Override
        public long waitingRows() {
            return 0;
        }

        @Override
        public long waitingBytes() {
            return 0;
        }

        @Override
        public Map<String, Signature> signatures() {
            return Map.of();
        }

        @Override
        public Optional<Route> acquire(String arm) {
            return Optional.empty();
        }

        @Override
        public Future<Void> drain() {
            return Future.succeededFuture();
        }
    }
}
