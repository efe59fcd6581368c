package turnout.gateway.lane;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.call.RunListener;
import turnout.spi.ModelVersion;

/** Keeps a listener's defect to itself: who counts must not cost a call its answer, or a lane its turn. */
record QuietListener(RunListener listener) implements RunListener {
    private static final Logger log = LoggerFactory.getLogger(QuietListener.class);

    @Override
    public void executed(ModelVersion version, Execution execution) {
        try {
            listener.executed(version, execution);
        } catch (RuntimeException e) {
            log.error("a run of {} could not be counted", version, e);
        }
    }

    @Override
    public void left(ModelVersion version, Exit exit) {
        try {
            listener.left(version, exit);
        } catch (RuntimeException e) {
            log.error("an exit from the queue of {} could not be counted", version, e);
        }
    }
}
