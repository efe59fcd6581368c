package turnout.gateway.lifecycle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import turnout.gateway.call.Bound;
import turnout.gateway.source.ReadProblem;
import turnout.spi.Buffers;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.ModelVersion;
import turnout.spi.Servable;
import turnout.spi.Ticker;

/**
 * Runs the requests that were recorded beside a version, as TensorFlow Serving does: a request that fails, or a file that is damaged,
 * means that the version is not what its author believed, and it does not take calls. Blocks; used by load threads.
 */
final class Replay {
    private static final Logger log = LoggerFactory.getLogger(Replay.class);

    /** Where the requests lie in a version's directory. */
    static final String FILE = "assets.extra/tf_serving_warmup_requests";

    private static final int MOST_RECORDS = 1000;

    private final RecordedCalls calls;
    private final Buffers buffers;
    private final Ticker ticker;

    Replay(RecordedCalls calls, Buffers buffers, Ticker ticker) {
        this.calls = calls;
        this.buffers = buffers;
        this.ticker = ticker;
    }

    /**
     * Runs them.
     *
     * @param location the version's directory
     * @param times how often each
     * @param mayBeLoose see {@link RecordedCalls.RecordedCall#bind}
     * @return sentences an operator should know; empty when there is no file
     * @throws InferenceException when one fails or cannot be read
     */
    Optional<List<String>> run(ModelVersion version, Servable servable, Path location, int times, boolean mayBeLoose) {
        Path file = location.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        TrialRun trial = new TrialRun(servable, buffers, ticker);
        Map<String, Integer> passedOver = new TreeMap<>();
        int number = 0;
        try (TfRecordFile records = TfRecordFile.open(file)) {
            for (Optional<byte[]> record = records.next(); record.isPresent(); record = records.next()) {
                number++;
                if (number > MOST_RECORDS) {
                    throw failed(FILE + " holds more than " + MOST_RECORDS + " records");
                }
                RecordedCalls.Recording recording = calls.read(record.get());
                recording.notReplayed().ifPresent(kind -> passedOver.merge(kind, 1, Integer::sum));
                for (RecordedCalls.RecordedCall call : recording.calls()) {
                    Bound bound = call.bind(version.model(), servable.signatures(), mayBeLoose);
                    for (int i = 0; i < times; i++) {
                        trial.run(bound.signature(), bound.inputs(), bound.outputs());
                    }
                }
            }
        } catch (IOException e) {
            // The one after those that were read.
            throw failed("record " + (number + 1) + " of " + FILE + " cannot be read: " + ReadProblem.of(e));
        } catch (InferenceException e) {
            if (number > MOST_RECORDS) {
                throw e;
            }
            throw new InferenceException(
                    e.code() == ErrorCode.INTERNAL || e.code() == ErrorCode.OUT_OF_MEMORY
                            ? e.code()
                            : ErrorCode.MODEL_FAILED,
                    "record " + number + " of " + FILE + " failed: " + e.getMessage(),
                    e);
        }
        log.info("{} ran {} recorded requests before it takes calls", version, number);
        List<String> conditions = new ArrayList<>();
        passedOver.forEach((kind, count) ->
                conditions.add(count + " recorded " + kind + " requests of " + FILE + " were not run: unsupported"));
        return Optional.of(conditions);
    }

    private static InferenceException failed(String message) {
        return new InferenceException(ErrorCode.MODEL_FAILED, message);
    }
}
