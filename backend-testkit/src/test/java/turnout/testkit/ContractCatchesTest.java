package turnout.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import turnout.spi.BackendProvider;
import turnout.spi.Capability;
import turnout.spi.DataType;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.InferenceRequest;
import turnout.spi.LoadRequest;
import turnout.spi.Tensor;

/** A contract that nobody can break proves nothing: each of these backends breaks it in one way and must fail the tests it names. */
class ContractCatchesTest {
    @ParameterizedTest
    @ValueSource(
            classes = {
                AliasesItsInputs.class,
                ClaimsTooMuch.class,
                ClaimsTooLittle.class,
                ChangesBits.class,
                ChangesStrings.class,
                IgnoresCancels.class,
                KeepsRegistrations.class,
                TellsPaths.class,
                FailsTheWrongWay.class
            })
    void aBackendThatBreaksIt(Class<?> backend) {
        Breaks breaks = backend.getAnnotation(Breaks.class);
        assertThat(breaks).isNotNull();
        assertThat(failedTests(backend)).contains(breaks.value());
    }

    /** A test that must fail. */
    @java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME)
    @interface Breaks {
        String value();
    }

    @Breaks("everyValueOfAClaimedTypePassesBitByBitAndOtherTypesAreUnsupported")
    static class AliasesItsInputs extends FakeBackendContractTest {
        @Override
        FakeServable servable(LoadRequest request) {
            return isIdentity(request, DataType.FP32)
                    ? FakeServable.of(FakeServable.xToY(DataType.FP32), run -> Map.of("y", x(run)))
                    : super.servable(request);
        }
    }

    @Breaks("everyValueOfAClaimedTypePassesBitByBitAndOtherTypesAreUnsupported")
    static class ClaimsTooMuch extends FakeBackendContractTest {
        @Override
        FakeServable servable(LoadRequest request) {
            if (isIdentity(request, DataType.UINT64)) {
                throw new InferenceException(ErrorCode.UNSUPPORTED, "no UINT64 after all");
            }
            return super.servable(request);
        }
    }

    @Breaks("zeroRowsPass")
    static class ClaimsTooLittle extends FakeBackendContractTest {
        @Override
        protected BackendProvider provider() {
            return new FakeBackend(EnumSet.of(Capability.STRINGS), this::servable);
        }
    }

    @Breaks("everyValueOfAClaimedTypePassesBitByBitAndOtherTypesAreUnsupported")
    static class ChangesBits extends FakeBackendContractTest {
        @Override
        FakeServable servable(LoadRequest request) {
            return isIdentity(request, DataType.FP32)
                    ? FakeServable.of(FakeServable.xToY(DataType.FP32), run -> Map.of("y", quietNans(x(run))))
                    : super.servable(request);
        }
    }

    @Breaks("stringsThatAreNotUtf8PassOrAreTheCallersFault")
    static class ChangesStrings extends FakeBackendContractTest {
        @Override
        protected BackendProvider provider() {
            Set<Capability> claims =
                    EnumSet.complementOf(EnumSet.of(Capability.NON_BLOCKING, Capability.BINARY_STRINGS));
            return new FakeBackend(claims, this::servable);
        }
    }

    @Breaks("aCancelledRunEndsEarlyIfThatIsClaimed")
    static class IgnoresCancels extends FakeBackendContractTest {
        @Override
        FakeServable servable(LoadRequest request) {
            return isNamed(request, "slow") ? FakeServable.identity(DataType.FP32) : super.servable(request);
        }
    }

    @Breaks("aLateCancelTouchesNothing")
    static class KeepsRegistrations extends FakeBackendContractTest {
        @Override
        FakeServable servable(LoadRequest request) {
            return isNamed(request, "slow")
                    ? FakeServable.of(FakeServable.xToY(DataType.FP32), run -> {
                        run.cancellation().onCancel(() -> {});
                        return Map.of("y", Tensors.heapCopy(x(run)));
                    })
                    : super.servable(request);
        }
    }

    @Breaks("aVersionThatCannotBeLoadedFailsEachTimeWithAMessageForClients")
    static class TellsPaths extends FakeBackendContractTest {
        @Override
        FakeServable servable(LoadRequest request) {
            if (isNamed(request, "broken")) {
                throw new InferenceException(ErrorCode.MODEL_FAILED, "cannot read " + request.location());
            }
            return super.servable(request);
        }
    }

    @Breaks("aModelThatFailsSaysSoAndAnswersTheNextCall")
    static class FailsTheWrongWay extends FakeBackendContractTest {
        @Override
        FakeServable servable(LoadRequest request) {
            return isNamed(request, "failing")
                    ? FakeServable.of(FakeServable.xToY(DataType.FP32), run -> {
                        throw new IllegalStateException("not the SPI's failure");
                    })
                    : super.servable(request);
        }
    }

    private static boolean isIdentity(LoadRequest request, DataType type) {
        return isNamed(request, "identity_" + type);
    }

    private static boolean isNamed(LoadRequest request, String name) {
        return request.location().endsWith(Path.of(name));
    }

    private static Tensor x(InferenceRequest run) {
        Tensor tensor = run.inputs().get("x");
        if (tensor == null) {
            throw new AssertionError("no input x");
        }
        return tensor;
    }

    private static Tensor quietNans(Tensor tensor) {
        Tensor copy = Tensors.heapCopy(tensor);
        ByteBuffer bits = ByteBuffer.wrap(Tensors.bytes(copy)).order(copy.data().order());
        for (int at = 0; at < bits.limit(); at += Float.BYTES) {
            if (Float.isNaN(bits.getFloat(at))) {
                bits.putInt(at, bits.getInt(at) | 0x00400000);
            }
        }
        return new Tensor(copy.type(), copy.shape(), bits);
    }

    private static Set<String> failedTests(Class<?> contract) {
        Set<String> failed = new TreeSet<>();
        TestExecutionListener listener = new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                    test.getSource()
                            .filter(MethodSource.class::isInstance)
                            .map(MethodSource.class::cast)
                            .ifPresent(source -> failed.add(source.getMethodName()));
                }
            }
        };
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(contract))
                                .build(),
                        listener);
        return failed;
    }
}
