package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import turnout.gateway.source.Fingerprint;
import turnout.gateway.source.VersionFiles;
import turnout.spi.ErrorCode;
import turnout.spi.ModelVersion;
import turnout.spi.Ticker;
import turnout.testkit.TestBuffers;

class LoaderHarnessTest {
    private static final Map<Step, List<Step>> ALLOWED = Map.of(
            Step.START, List.of(Step.REQUESTED, Step.END),
            Step.REQUESTED, List.of(Step.APPROVED, Step.END),
            Step.APPROVED, List.of(Step.LOADING, Step.END),
            Step.LOADING, List.of(Step.WARMING, Step.END),
            Step.WARMING, List.of(Step.READY, Step.UNLOADING, Step.END),
            Step.READY, List.of(Step.DRAINING),
            Step.DRAINING, List.of(Step.DRAINED),
            Step.DRAINED, List.of(Step.UNLOADING),
            Step.UNLOADING, List.of(Step.END),
            Step.END, List.of());

    private final ControlThread control = new ControlThread();
    private final AtomicInteger changes = new AtomicInteger();

    @AfterEach
    void close() {
        control.close();
    }

    static Stream<Arguments> rightSteps() {
        return Stream.of(Step.values())
                .flatMap(from -> ALLOWED.getOrDefault(from, List.of()).stream().map(to -> Arguments.of(from, to)));
    }

    static Stream<Arguments> wrongSteps() {
        return Stream.of(Step.values()).flatMap(from -> Stream.of(Step.values())
                .filter(to -> !ALLOWED.getOrDefault(from, List.of()).contains(to))
                .map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest
    @MethodSource("rightSteps")
    void aRightStepIsTakenAndTold(Step from, Step to) {
        LoaderHarness harness = harnessIn(from);
        int before = changes.get();
        assertThat(harness.transition(from, to)).isTrue();
        assertThat(harness.step()).isEqualTo(to);
        assertThat(harness.failure()).isNull();
        assertThat(changes.get()).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @MethodSource("wrongSteps")
    void aWrongStepIsADefectThatEndsTheVersion(Step from, Step to) {
        LoaderHarness harness = harnessIn(from);
        assertThat(harness.transition(from, to)).isFalse();
        assertThat(harness.step()).isEqualTo(Step.END);
        assertThat(harness.failed()).isTrue();
        VersionStatus.Failure failure = harness.failure();
        assertThat(failure).isNotNull();
        assertThat(failure == null ? null : failure.code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @ParameterizedTest
    @MethodSource("rightSteps")
    void aStepFromWhereItIsNotEndsTheVersion(Step from, Step to) {
        LoaderHarness harness = harnessIn(from == Step.READY ? Step.START : Step.READY);
        assertThat(harness.transition(from, to)).isFalse();
        assertThat(harness.step()).isEqualTo(Step.END);
    }

    /** Walks there along the main line. */
    private LoaderHarness harnessIn(Step goal) {
        LoaderHarness harness = harness();
        List<Step> line = new ArrayList<>(List.of(Step.values()));
        for (int i = 0; i + 1 < line.size() && harness.step() != goal; i++) {
            harness.transition(line.get(i), line.get(i + 1));
        }
        assertThat(harness.step()).isEqualTo(goal);
        return harness;
    }

    private LoaderHarness harness() {
        Backends none = Backends.create(List.of(), platform -> {
            throw new AssertionError(platform);
        });
        Workshop shop = new Workshop(
                control,
                Runnable::run,
                new VersionLoading(
                        none,
                        new Warmup(new TestBuffers(), Ticker.system()),
                        new Replay(Rig.NOTHING_RECORDED, new TestBuffers(), Ticker.system()),
                        LoadListener.NONE,
                        Ticker.system(),
                        1),
                new MemoryBudget(1, Map.of(), () -> {}),
                spec -> {
                    throw new AssertionError(spec);
                },
                LifecycleConfig.of(1, 1, Map.of(), java.time.Duration.ofSeconds(1), 1),
                new AtomicLong());
        VersionFiles files = new VersionFiles(1, Path.of("/nowhere"), new Fingerprint("", 1, 1));
        VersionLoading.Order order =
                new VersionLoading.Order(new ModelVersion("m", 1), files, null, ModelConfig.LoadSettings.DEFAULT);
        return new LoaderHarness(order, 0, shop, changes::incrementAndGet);
    }
}
