package turnout.backend.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HealthTest {
    private final Health health = new Health();

    @Test
    void theThirdFailureInARowIsOneTooMany() {
        assertThat(health.onFailure()).isFalse();
        assertThat(health.onFailure()).isFalse();
        assertThat(health.onFailure()).isTrue();
    }

    @Test
    void aSuccessInBetweenStartsTheCountAnew() {
        health.onFailure();
        health.onFailure();
        health.onSuccess();
        assertThat(health.onFailure()).isFalse();
        assertThat(health.isEjected()).isFalse();
    }

    @Test
    void furtherFailuresOfAnEjectedEndpointDoNotEjectItTwice() {
        health.eject();
        for (int i = 0; i < 5; i++) {
            assertThat(health.onFailure()).isFalse();
        }
        assertThat(health.isEjected()).isTrue();
    }

    @Test
    void theBackOffDoublesUpToSixteenSeconds() {
        assertThat(health.eject()).isEqualTo(Duration.ofMillis(250));
        assertThat(health.eject()).isEqualTo(Duration.ofMillis(500));
        for (int i = 0; i < 20; i++) {
            health.eject();
        }
        assertThat(health.eject()).isEqualTo(Duration.ofSeconds(16));
    }

    @Test
    void onlyACallThatWentWellStartsTheBackOffAnew() {
        health.eject();
        health.takeBack();
        assertThat(health.isEjected()).isFalse();
        assertThat(health.eject()).isEqualTo(Duration.ofMillis(500));
        health.takeBack();
        health.onSuccess();
        assertThat(health.eject()).isEqualTo(Duration.ofMillis(250));
    }
}
