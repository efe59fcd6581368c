package turnout.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static turnout.testkit.ContractChecks.assertAnswers;
import static turnout.testkit.ContractChecks.assertFitForClients;
import static turnout.testkit.ContractChecks.countingFrom;
import static turnout.testkit.ContractChecks.failure;
import static turnout.testkit.TensorAssert.assertThatTensor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import turnout.spi.BackendProvider;
import turnout.spi.Cancellation;
import turnout.spi.Capability;
import turnout.spi.DataType;
import turnout.spi.Device;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceResponse;
import turnout.spi.Loader;
import turnout.spi.OptionException;
import turnout.spi.Options;
import turnout.spi.ResourceEstimate;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.testkit.ContractModels.Example;
import turnout.testkit.ContractModels.Identity;

/**
 * What every backend must keep. A backend's author extends it, gives the provider and models made for it, and runs it as any test.
 *
 * <p>What a backend claims ({@link Capability}) is proven; what it does not claim must fail as the SPI prescribes. No test is skipped.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class BackendContractTest {
    // An ended run must end long before its ten seconds and more are over; the rest is patience with a busy machine.
    private static final Duration SOON = Duration.ofSeconds(6);
    private static final Duration WELL_UNDER_WAY = Duration.ofMillis(400);

    private BackendProvider provider;
    private ContractModels models;
    private ContractHost host;

    /** The provider under test; asked once. */
    protected abstract BackendProvider provider();

    /** The models for it; asked once, after {@link #provider()}. The directory is empty, for models made on the spot. */
    protected abstract ContractModels models(Path directory);

    /** Where the models are loaded. */
    protected Device device() {
        return Device.CPU;
    }

    @BeforeAll
    final void startBackend(@TempDir Path scratch, @TempDir Path directory) {
        provider = provider();
        models = models(directory);
        assertThat(provider.isAvailable().problem())
                .as("why the backend cannot work here")
                .isEmpty();
        host = new ContractHost(provider, scratch, device());
    }

    @AfterEach
    final void everyLeaseIsReturned() {
        host.buffers().assertAllReturned();
    }

    @AfterAll
    final void closeBackend() {
        host.close();
    }

    // ---- the provider

    @Test
    void platformIsAPlainLowerCaseName() {
        assertThat(provider.platform()).matches("[a-z][a-z0-9_]*");
    }

    @Test
    void noOptionsAreFine() {
        provider.checkOptions(Options.empty());
    }

    @Test
    void anOptionThatNobodyKnowsIsRefusedByName() {
        Options options = new Options("section", Map.of("no-such-option", 1));
        OptionException refusal = catchThrowableOfType(OptionException.class, () -> provider.checkOptions(options));
        assertThat(refusal).isNotNull();
        assertThat(refusal.key()).isEqualTo("section.no-such-option");
    }

    // ---- claims, devices, estimates

    @Test
    void itsOwnDirectoriesAreClaimed() {
        assertThat(host.backend().claims(models.several().location())).isTrue();
        assertThat(host.backend().claims(models.broken())).isTrue();
    }

    @Test
    void otherDirectoriesAndWhatIsNoDirectoryAreNotClaimed(@TempDir Path temporary) throws Exception {
        assertThat(host.backend().claims(models.foreign())).isFalse();
        assertThat(host.backend().claims(temporary)).isFalse();
        assertThat(host.backend().claims(temporary.resolve("missing"))).isFalse();
        assertThat(host.backend().claims(Files.createFile(temporary.resolve("file"))))
                .isFalse();
    }

    @Test
    void aDeviceThatIsNotThereIsUnsupported() {
        assertThat(host.backend().devices()).contains(device()).doesNotHaveDuplicates();
        Path location = models.several().location();
        InferenceException failure =
                failure(() -> host.backend().loader(host.loadRequest(location, new Device("gpu", 999))));
        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED);
    }

    @Test
    void theEstimateNeverRises() {
        Loader loader = host.loader(models.several().location());
        ResourceEstimate before = loader.estimate();
        ResourceEstimate again = loader.estimate();
        loader.load();
        ResourceEstimate after = loader.estimate();
        loader.unload();
        assertThat(before.hostBytes() + before.deviceBytes()).isPositive();
        assertThat(again.hostBytes()).isLessThanOrEqualTo(before.hostBytes());
        assertThat(again.deviceBytes()).isLessThanOrEqualTo(before.deviceBytes());
        assertThat(after.hostBytes()).isLessThanOrEqualTo(again.hostBytes());
        assertThat(after.deviceBytes()).isLessThanOrEqualTo(again.deviceBytes());
    }

    // ---- signatures and data

    @Test
    void signaturesAreKeyedByTheirNamesAndSoAreTheirTensors() {
        try (ContractHost.Version version = host.load(models.several().location())) {
            Map<String, Signature> signatures = version.servable().signatures();
            assertThat(signatures).isNotEmpty();
            signatures.forEach((name, signature) -> {
                assertThat(signature.name()).isEqualTo(name);
                signature.inputs().forEach((key, spec) -> assertThat(spec.name())
                        .isEqualTo(key));
                signature.outputs().forEach((key, spec) -> assertThat(spec.name())
                        .isEqualTo(key));
                assertThat(signature.outputs()).isNotEmpty();
            });
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyValueOfAClaimedTypePassesBitByBitAndOtherTypesAreUnsupported(DataType type) {
        passesOrIsUnsupported(type, EdgeValues.of(type));
    }

    @ParameterizedTest
    @EnumSource
    void zeroRowsPass(DataType type) {
        passesOrIsUnsupported(type, Tensors.empty(type, 0));
    }

    @Test
    void stringsThatAreNotUtf8PassOrAreTheCallersFault() {
        if (!host.claims(Capability.STRINGS)) {
            passesOrIsUnsupported(DataType.BYTES, EdgeValues.binaryStrings());
            return;
        }
        Identity model = models.identity(DataType.BYTES);
        try (ContractHost.Version version = host.load(model.location())) {
            if (host.claims(Capability.BINARY_STRINGS)) {
                version.assertEchoes(model, EdgeValues.binaryStrings());
            } else {
                InferenceException failure = failure(() -> version.echo(model, EdgeValues.binaryStrings()));
                assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_INPUT);
                version.assertEchoes(model, EdgeValues.of(DataType.BYTES));
            }
        }
    }

    @Test
    void severalInputsAndOutputsFindTheirNames() {
        Example several = models.several();
        try (ContractHost.Version version = host.load(several.location())) {
            assertAnswers(several, version.run(several));
        }
    }

    @Test
    void onlyTheWantedOutputsComeInTheOrderAskedFor() {
        Example several = models.several();
        List<String> names = new ArrayList<>(several.outputs().keySet());
        Collections.reverse(names);
        try (ContractHost.Version version = host.load(several.location())) {
            for (List<String> wanted : List.of(names, names.subList(0, 1), names.subList(1, 2))) {
                Map<String, Tensor> outputs = version.run(several.signature(), several.inputs(), wanted);
                outputs.forEach(
                        (name, tensor) -> assertThatTensor(tensor).isSameAs(ContractChecks.expected(several, name)));
            }
        }
    }

    @Test
    void anAnswerStaysAsItIsWhileLaterRunsGiveTheirs() {
        Identity model = models.identity(DataType.FP32);
        Tensor first = Tensors.floats(1, 2, 3);
        try (ContractHost.Version version = host.load(model.location());
                InferenceResponse held =
                        version.open(model.signature(), Map.of(model.input(), first), List.of(model.output()))) {
            version.assertEchoes(model, Tensors.floats(4, 5, 6));
            version.assertEchoes(model, Tensors.floats(7, 8, 9, 10));
            assertThatTensor(held.outputs().get(model.output())).isSameAs(first);
        }
    }

    @Test
    void callsOfSeveralThreadsGetTheirOwnAnswers() throws Exception {
        int threads = host.claims(Capability.CONCURRENT_RUNS) ? 4 : 1;
        Identity model = models.identity(DataType.FP32);
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        try (ContractHost.Version version = host.load(model.location())) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int caller = 0; caller < threads; caller++) {
                int start = caller * 1_000_000;
                tasks.add(() -> {
                    for (int call = 0; call < 100; call++) {
                        version.assertEchoes(model, countingFrom(start + call, 1 + call % 17));
                    }
                    return null;
                });
            }
            for (Future<Void> task : callers.invokeAll(tasks)) {
                task.get();
            }
        } finally {
            callers.shutdownNow();
        }
    }

    // ---- runs that end early

    @Test
    void aCancelledRunEndsEarlyIfThatIsClaimed() {
        if (!host.claims(Capability.CANCELS_RUNS)) {
            return;
        }
        try (ContractHost.Version version = host.load(models.slow().good().location())) {
            ManualCancellation cancellation = new ManualCancellation();
            host.after(WELL_UNDER_WAY, cancellation::fire);
            assertEndsSoon(version, ErrorCode.CANCELLED, Duration.ofMinutes(2), cancellation);
            assertAnswers(models.slow().good(), version.run(models.slow().good()));
        }
    }

    @Test
    void aRunThatWasCancelledBeforehandGivesItsAnswerOrIsCancelled() {
        Example good = models.slow().good();
        try (ContractHost.Version version = host.load(good.location())) {
            ManualCancellation cancellation = new ManualCancellation();
            cancellation.fire();
            try {
                assertAnswers(good, version.run(good, cancellation));
            } catch (InferenceException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED);
            }
        }
    }

    @Test
    void aLateCancelTouchesNothing() {
        Example good = models.slow().good();
        try (ContractHost.Version version = host.load(good.location())) {
            ManualCancellation cancellation = new ManualCancellation();
            assertAnswers(good, version.run(good, cancellation));
            assertThat(cancellation.registrations())
                    .as("registrations left behind")
                    .isZero();
            cancellation.fire();
            assertAnswers(good, version.run(good));
        }
    }

    @Test
    void aRunEndsAtItsDeadlineIfThatIsClaimed() {
        if (!host.claims(Capability.KEEPS_DEADLINES)) {
            return;
        }
        try (ContractHost.Version version = host.load(models.slow().good().location())) {
            assertEndsSoon(version, ErrorCode.DEADLINE, WELL_UNDER_WAY, Cancellation.NEVER);
            assertEndsSoon(version, ErrorCode.DEADLINE, Duration.ZERO, Cancellation.NEVER);
            assertAnswers(models.slow().good(), version.run(models.slow().good()));
        }
    }

    // ---- failures

    @Test
    void aModelThatFailsSaysSoAndAnswersTheNextCall() {
        Example good = models.failing().good();
        try (ContractHost.Version version = host.load(good.location())) {
            for (int round = 0; round < 3; round++) {
                List<String> outputs = List.copyOf(good.outputs().keySet());
                InferenceException failure = failure(
                        () -> version.run(good.signature(), models.failing().odd(), outputs));
                assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_FAILED);
                assertFitForClients(failure, good.location());
                assertAnswers(good, version.run(good));
            }
        }
    }

    @Test
    void aVersionThatCannotBeLoadedFailsEachTimeWithAMessageForClients() {
        Loader loader = host.loader(models.broken());
        for (int attempt = 0; attempt < 2; attempt++) {
            InferenceException failure = failure(loader::load);
            assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_FAILED);
            assertFitForClients(failure, models.broken());
        }
    }

    @Test
    void aVersionWhoseFilesAreGoneFails(@TempDir Path empty) {
        InferenceException failure = failure(() -> host.loader(empty).load());
        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_FAILED);
        assertFitForClients(failure, empty);
    }

    // ---- unloading

    @Test
    void whatWasUnloadedCanBeLoadedAgain() {
        for (int round = 0; round < 5; round++) {
            try (ContractHost.Version version = host.load(models.several().location())) {
                assertAnswers(models.several(), version.run(models.several()));
            }
        }
    }

    @Test
    void unloadingOneVersionLeavesItsTwinAlone() {
        try (ContractHost.Version stays = host.load(models.several().location())) {
            host.load(models.several().location()).close();
            assertAnswers(models.several(), stays.run(models.several()));
        }
    }

    private void passesOrIsUnsupported(DataType type, Tensor tensor) {
        if (host.carries(type)) {
            Identity model = models.identity(type);
            try (ContractHost.Version version = host.load(model.location())) {
                version.assertEchoes(model, tensor);
            }
            return;
        }
        Identity model = models.identities().get(type);
        if (model != null) {
            InferenceException failure = failure(() -> {
                try (ContractHost.Version version = host.load(model.location())) {
                    version.echo(model, tensor);
                }
            });
            assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        }
    }

    private void assertEndsSoon(
            ContractHost.Version version, ErrorCode code, Duration time, Cancellation cancellation) {
        long start = System.nanoTime();
        assertThat(version.failureOf(models.slow(), host.in(time), cancellation).code())
                .isEqualTo(code);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .as("time until the run ended")
                .isLessThan(SOON);
    }
}
