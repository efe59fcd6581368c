package turnout.gateway.lifecycle;

import org.jspecify.annotations.Nullable;

/** One version number of a model: the life that is going on, and the next one where it is being replaced. Owned by the control thread. */
final class Slot {
    private final long number;
    private LoaderHarness current;
    private @Nullable LoaderHarness successor;
    private @Nullable String replacementProblem;
    private VersionLoading.@Nullable Order failedReplacement;
    private @Nullable LoaderHarness retryPlannedFor;
    private int failures;
    private boolean retryDue;
    private boolean startsOver;

    Slot(long number, LoaderHarness first) {
        this.number = number;
        this.current = first;
    }

    long number() {
        return number;
    }

    LoaderHarness current() {
        return current;
    }

    @Nullable
    LoaderHarness successor() {
        return successor;
    }

    /** Why the version's new files or settings are not in force, null if they are. */
    @Nullable
    String replacementProblem() {
        return replacementProblem;
    }

    boolean isAvailable() {
        return current.step() == Step.READY;
    }

    boolean isComing() {
        return current.isComing() || successor != null;
    }

    /** Whether a life that ended should be followed by another. */
    boolean shouldRestart(VersionLoading.Order order) {
        return current.step() == Step.END && (!current.failed() || retryDue || !current.satisfies(order));
    }

    void restart(LoaderHarness next) {
        current = next;
        retryDue = false;
        startsOver = false;
    }

    /** Loads that were tried in vain of what a next life would load. */
    long tries(VersionLoading.Order order) {
        return current.failed() && !startsOver && current.satisfies(order) ? current.tries() : 0;
    }

    /** Whether the version that takes calls should be replaced by one that is loaded otherwise. */
    boolean shouldReplace(VersionLoading.Order order) {
        return isAvailable() && successor == null && !current.satisfies(order) && !order.equals(failedReplacement);
    }

    void replaceBy(LoaderHarness next) {
        successor = next;
    }

    /** The successor takes calls: it is the current one now. Gives the one that goes. */
    LoaderHarness promote(LoaderHarness ready) {
        LoaderHarness old = current;
        current = ready;
        successor = null;
        replacementProblem = null;
        failedReplacement = null;
        return old;
    }

    /** The successor could not be loaded: the current one goes on. */
    void replacementFailed(LoaderHarness failed) {
        VersionStatus.Failure failure = failed.failure();
        successor = null;
        failedReplacement = failed.order();
        replacementProblem = failure == null ? "it was given up" : failure.message();
    }

    /** The successor is not wanted any more. */
    void dropSuccessor() {
        successor = null;
    }

    /** Tries again what failed, at once, as if it had never failed: somebody asks for it. */
    void startOver() {
        retry();
        startsOver = true;
        failures = 0;
    }

    /** Tries again what failed, at once. */
    void retry() {
        retryDue = true;
        failedReplacement = null;
        replacementProblem = null;
    }

    /** Whether a retry must be planned for the current failure; counts it. */
    boolean plansRetry() {
        if (retryPlannedFor == current) {
            return false;
        }
        retryPlannedFor = current;
        failures++;
        return true;
    }

    int failures() {
        return failures;
    }

    void succeeded() {
        failures = 0;
    }
}
