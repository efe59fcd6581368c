package turnout.gateway.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import turnout.gateway.lifecycle.VersionPolicy.Action;
import turnout.gateway.lifecycle.VersionPolicy.Facts;
import turnout.gateway.lifecycle.VersionPolicy.Verb;

class VersionPolicyTest {
    private static Facts wanted(long number, State state) {
        return new Facts(number, true, state);
    }

    private static Facts unwanted(long number, State state) {
        return new Facts(number, false, state);
    }

    private static void availability(List<Facts> versions, Action... expected) {
        assertThat(VersionPolicy.next(PolicyKind.AVAILABILITY_PRESERVING, versions).stream())
                .containsExactly(expected);
    }

    private static void resource(List<Facts> versions, Action... expected) {
        assertThat(VersionPolicy.next(PolicyKind.RESOURCE_PRESERVING, versions).stream())
                .containsExactly(expected);
    }

    @Test
    void nothingIsDoneWhereNothingIsThere() {
        availability(List.of());
        resource(List.of());
    }

    @Test
    void theHighestNewVersionIsLoadedFirst() {
        List<Facts> versions = List.of(wanted(1, State.START), wanted(3, State.START), wanted(2, State.START));
        availability(versions, new Action(Verb.LOAD, 3));
        resource(versions, new Action(Verb.LOAD, 3));
    }

    @Test
    void aVersionIsLoadedBeforeTheOldOneGoes() {
        availability(List.of(unwanted(1, State.AVAILABLE), wanted(2, State.START)), new Action(Verb.LOAD, 2));
    }

    @Test
    void theOldVersionStaysWhileTheNewOneLoads() {
        availability(List.of(unwanted(1, State.AVAILABLE), wanted(2, State.LOADING)));
    }

    @Test
    void theOldVersionStaysWhenTheNewOneFailed() {
        availability(List.of(unwanted(1, State.AVAILABLE), wanted(2, State.END)));
    }

    @Test
    void theOldVersionGoesOnceTheNewOneIsAvailable() {
        availability(List.of(unwanted(1, State.AVAILABLE), wanted(2, State.AVAILABLE)), new Action(Verb.UNLOAD, 1));
    }

    @Test
    void unloadingGoesBeforeFurtherLoading() {
        availability(
                List.of(unwanted(1, State.AVAILABLE), wanted(2, State.AVAILABLE), wanted(3, State.START)),
                new Action(Verb.UNLOAD, 1));
    }

    @Test
    void everythingGoesWhereNothingIsWanted() {
        availability(List.of(unwanted(2, State.AVAILABLE), unwanted(1, State.AVAILABLE)), new Action(Verb.UNLOAD, 1));
    }

    @Test
    void revertingToASmallerVersionLoadsItFirst() {
        availability(List.of(wanted(1, State.START), unwanted(2, State.AVAILABLE)), new Action(Verb.LOAD, 1));
    }

    @Test
    void resourcePreservingUnloadsFirst() {
        resource(List.of(unwanted(1, State.AVAILABLE), wanted(2, State.START)), new Action(Verb.UNLOAD, 1));
    }

    @Test
    void resourcePreservingWaitsUntilTheOldVersionIsGone() {
        resource(List.of(unwanted(1, State.UNLOADING), wanted(2, State.START)));
        resource(List.of(unwanted(1, State.END), wanted(2, State.START)), new Action(Verb.LOAD, 2));
    }
}
