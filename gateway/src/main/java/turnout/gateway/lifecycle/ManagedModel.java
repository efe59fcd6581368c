package turnout.gateway.lifecycle;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import turnout.gateway.lane.Lane;
import turnout.gateway.source.VersionFiles;
import turnout.spi.ErrorCode;

/**
 * One model: what is wanted of it, what is there, and the steps from one to the other. Whatever happens ends in {@link #evaluate}, which
 * looks at all of it anew. Owned by the control thread.
 */
final class ManagedModel {
    private final String name;
    private final Workshop shop;
    private final Routing routing;
    private final Consumer<ManagedModel> published;

    private final Wanted wanted;

    // What is there.
    private final SortedMap<Long, Slot> slots = new TreeMap<>();
    private final List<LoaderHarness> retiring = new ArrayList<>();
    private final EndedVersions ended = new EndedVersions();
    private final Waiters waiters = new Waiters();
    private boolean evaluationDue;
    private ModelStatus status;

    /** @param published told after each evaluation */
    ManagedModel(String name, Workshop shop, Routing routing, Consumer<ManagedModel> published) {
        this.name = name;
        this.shop = shop;
        this.routing = routing;
        this.published = published;
        this.wanted = new Wanted(name);
        this.status = new ModelStatus(name, List.of(), Map.of(), OptionalLong.empty(), Map.of(), false);
    }

    String name() {
        return name;
    }

    /** As others see it since the last evaluation. */
    ModelStatus status() {
        return status;
    }

    /** Whether it is to be forgotten: nothing of it is wanted or there. */
    boolean isOver() {
        return slots.isEmpty() && retiring.isEmpty() && waiters.isEmpty() && wanted.isOver();
    }

    boolean isRemoved() {
        return wanted.isRemoved();
    }

    boolean isAvailable(long version) {
        Slot slot = slots.get(version);
        return slot != null && slot.isAvailable();
    }

    boolean knows(long version) {
        return wanted.listing().versions().containsKey(version) || isAvailable(version);
    }

    /** What the source and its configuration file say now. */
    void observe(Lookout.Seen seen) {
        if (wanted.observe(seen)) {
            evaluateSoon();
        }
    }

    /** The source does not know it any more. */
    void vanished() {
        if (wanted.vanish()) {
            evaluateSoon();
        }
    }

    /** A reload said what to serve of it. */
    void serve(ModelControl.ServedModel instead, Lookout.Seen seen) {
        wanted.serve(instead);
        wanted.observe(seen);
        evaluateSoon();
    }

    /** It is not to be served any more. */
    void remove() {
        wanted.remove();
        evaluateSoon();
    }

    /** Loads what its policy wants, also what was unloaded on purpose or failed before. */
    void load(Lookout.Seen seen) {
        wanted.load();
        wanted.observe(seen);
        slots.values().forEach(Slot::startOver);
        slots.values().forEach(this::replaceIfChanged);
        evaluateSoon();
    }

    void unload() {
        wanted.unload();
        evaluateSoon();
    }

    /** Memory was given back somewhere. */
    void memoryFreed() {
        for (Slot slot : slots.values()) {
            slot.current().memoryFreed();
            LoaderHarness successor = slot.successor();
            if (successor != null) {
                successor.memoryFreed();
            }
            if (slot.current().failed() && slot.current().refusedMemory()) {
                slot.retry();
                evaluateSoon();
            }
        }
    }

    /** Completes when nothing of it is being loaded. */
    Future<Void> whenSettled() {
        evaluateSoon();
        return waiters.until(() -> slots.values().stream().noneMatch(Slot::isComing));
    }

    /** Completes when nothing of it is loaded. */
    Future<Void> whenEmpty() {
        evaluateSoon();
        return waiters.until(() -> retiring.isEmpty()
                && slots.values().stream()
                        .allMatch(slot -> slot.current().step() == Step.END && slot.successor() == null));
    }

    /** Why the last load did not do what it was asked for, empty if it did. */
    Optional<String> loadProblem() {
        return report().loadProblem();
    }

    private ModelReport report() {
        return new ModelReport(name, wanted, slots.values(), retiring, ended.all());
    }

    void evaluateSoon() {
        if (!evaluationDue) {
            evaluationDue = true;
            shop.control().run(this::evaluate);
        }
    }

    /** Compares what is wanted with what is there, and takes every step that can be taken now. */
    void evaluate() {
        evaluationDue = false;
        ModelConfig inForce = wanted.inForce();
        Set<Long> routed = routing.wanted(name);
        NavigableSet<Long> aspired = wanted.aspired(routed, available());
        reap();
        wish(aspired, inForce);
        promote(inForce);
        dismissOthers(aspired);
        act(aspired, inForce);
        publish(inForce);
        if (!routing.wanted(name).equals(routed)) {
            // A label has moved, say: what it pointed at may go now.
            evaluateSoon();
        }
        published.accept(this);
        if (waiters.check() && isOver()) {
            evaluateSoon();
        }
    }

    private NavigableSet<Long> available() {
        NavigableSet<Long> available = new TreeSet<>();
        slots.values().stream().filter(Slot::isAvailable).forEach(slot -> available.add(slot.number()));
        return available;
    }

    /** Takes note of lives that ended. */
    private void reap() {
        for (Iterator<LoaderHarness> each = retiring.iterator(); each.hasNext(); ) {
            LoaderHarness harness = each.next();
            if (harness.step() == Step.END) {
                ended.add(harness.status());
                each.remove();
            }
        }
        for (Slot slot : slots.values()) {
            LoaderHarness current = slot.current();
            VersionStatus.Failure failure = current.failure();
            if (current.step() == Step.READY) {
                slot.succeeded();
            } else if (current.failed()
                    && failure != null
                    && failure.code() == ErrorCode.UNAVAILABLE
                    && current.tries() <= shop.config().mostRetries()
                    && slot.plansRetry()) {
                shop.control().after(shop.config().retry(slot.failures() + 2), () -> {
                    if (slot.current() == current) {
                        slot.retry();
                        evaluateSoon();
                    }
                });
            }
        }
    }

    /** Begins lives of versions that should be there. */
    private void wish(NavigableSet<Long> aspired, ModelConfig inForce) {
        for (long number : aspired) {
            VersionFiles files = wanted.listing().versions().get(number);
            if (files == null) {
                continue;
            }
            Slot slot = slots.get(number);
            if (slot == null) {
                slots.put(number, new Slot(number, harness(wanted.order(files), 0)));
            } else if (slot.shouldRestart(wanted.order(files))) {
                slot.restart(harness(wanted.order(files), slot.tries(wanted.order(files))));
            } else {
                // Other settings are taken up at once, other files only when somebody asks for it: see load.
                VersionFiles loaded = slot.current().order().files();
                replace(slot, wanted.order(loaded), inForce);
            }
            ended.forget(number);
        }
    }

    private void replaceIfChanged(Slot slot) {
        ModelConfig inForce = wanted.inForce();
        VersionFiles files = wanted.listing().versions().get(slot.number());
        if (files != null) {
            replace(slot, wanted.order(files), inForce);
        }
    }

    private void replace(Slot slot, VersionLoading.Order order, ModelConfig inForce) {
        if (!slot.shouldReplace(order)) {
            return;
        }
        LoaderHarness next = harness(order, 0);
        switch (inForce.policy()) {
            case AVAILABILITY_PRESERVING -> {
                slot.replaceBy(next);
                next.request();
            }
            case RESOURCE_PRESERVING -> {
                LoaderHarness old = slot.current();
                slot.restart(next);
                retire(old, inForce);
            }
        }
    }

    /** Ends lives that are not wanted and have not taken calls yet. */
    private void dismissOthers(NavigableSet<Long> aspired) {
        for (Iterator<Slot> each = slots.values().iterator(); each.hasNext(); ) {
            Slot slot = each.next();
            if (aspired.contains(slot.number())) {
                continue;
            }
            LoaderHarness successor = slot.successor();
            if (successor != null) {
                slot.dropSuccessor();
                abandon(successor);
            }
            if (slot.current().isComing()) {
                abandon(slot.current());
                each.remove();
            } else if (slot.current().step() == Step.END) {
                ended.add(slot.current().status());
                each.remove();
            }
        }
    }

    private void abandon(LoaderHarness harness) {
        harness.abandon();
        retiring.add(harness);
    }

    private void promote(ModelConfig inForce) {
        for (Slot slot : List.copyOf(slots.values())) {
            LoaderHarness successor = slot.successor();
            if (successor != null && successor.step() == Step.READY) {
                LoaderHarness old = slot.promote(successor);
                if (old.step() == Step.READY) {
                    retire(old, inForce);
                }
            } else if (successor != null && successor.step() == Step.END) {
                slot.replacementFailed(successor);
            }
        }
    }

    private void act(NavigableSet<Long> aspired, ModelConfig inForce) {
        Optional<VersionPolicy.Action> action = next(aspired, inForce);
        while (action.isPresent()) {
            long number = action.get().number();
            Slot slot = slots.get(number);
            if (slot == null) {
                throw new IllegalStateException(name + " has no version " + number + " to "
                        + action.get().verb());
            }
            switch (action.get().verb()) {
                case LOAD -> slot.current().request();
                case UNLOAD -> {
                    slots.remove(number);
                    retire(slot.current(), inForce);
                }
            }
            action = next(aspired, inForce);
        }
    }

    private Optional<VersionPolicy.Action> next(NavigableSet<Long> aspired, ModelConfig inForce) {
        List<VersionPolicy.Facts> facts = new ArrayList<>();
        retiring.forEach(harness -> facts.add(new VersionPolicy.Facts(
                harness.version().number(), false, harness.step().state())));
        slots.values()
                .forEach(slot -> facts.add(new VersionPolicy.Facts(
                        slot.number(),
                        aspired.contains(slot.number()),
                        slot.current().step().state())));
        return VersionPolicy.next(inForce.policy(), facts);
    }

    /** Unpublish, then drain: no call may be sent to a lane that is closing while another could answer it. */
    private void retire(LoaderHarness harness, ModelConfig inForce) {
        harness.withdraw();
        retiring.add(harness);
        publish(inForce);
        harness.drain();
    }

    private void publish(ModelConfig inForce) {
        ModelReport report = report();
        List<VersionStatus> versions = report.versions();
        if (wanted.isRemoved()) {
            routing.drop(name);
            status = new ModelStatus(name, versions, Map.of(), OptionalLong.empty(), Map.of(), true);
            return;
        }
        SortedMap<Long, Lane> lanes = new TreeMap<>();
        slots.values().forEach(slot -> slot.current().lane().ifPresent(lane -> lanes.put(slot.number(), lane)));
        SortedMap<Long, String> unavailable = ModelReport.reasons(versions);
        unavailable.keySet().removeAll(lanes.keySet());
        Routing.InForce routed = routing.route(new Routing.RoutedModel(name, inForce, lanes, unavailable));
        status = new ModelStatus(
                name,
                versions,
                routed.labels(),
                routed.defaultVersion(),
                routed.weights(),
                wanted.isEmptyOnPurpose(),
                report.conditions(routed.conditions()));
    }

    private LoaderHarness harness(VersionLoading.Order order, long triedBefore) {
        return new LoaderHarness(order, triedBefore, shop, this::evaluateSoon);
    }
}
