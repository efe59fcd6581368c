package turnout.gateway.rig;

import java.util.ArrayList;
import java.util.List;
import turnout.gateway.call.RunListener;
import turnout.spi.ModelVersion;

/** Remembers what lanes say. Safe for any thread. */
public final class Runs implements RunListener {
    private final List<Execution> executions = new ArrayList<>();
    private final List<Exit> exits = new ArrayList<>();

    @Override
    public synchronized void executed(ModelVersion version, Execution execution) {
        executions.add(execution);
    }

    @Override
    public synchronized void left(ModelVersion version, Exit exit) {
        exits.add(exit);
    }

    /** Runs so far. */
    public synchronized List<Execution> executions() {
        return List.copyOf(executions);
    }

    /** How calls left so far. */
    public synchronized List<Exit> exits() {
        return List.copyOf(exits);
    }
}
