package turnout.gateway.lifecycle;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import turnout.gateway.call.Bound;
import turnout.spi.InferenceException;
import turnout.spi.Signature;

/** Understands the requests that somebody recorded for a version's warm-up. The dialect that they are recorded in implements it. */
public interface RecordedCalls {
    /**
     * Reads one record. Called on load threads.
     *
     * @throws InferenceException saying what is wrong with it
     */
    Recording read(byte[] record);

    /** One question to a model. */
    interface RecordedCall {
        /**
         * Makes its tensors, checked against the signature that it asks for.
         *
         * @param model the model's name, for messages
         * @param signatures those of the version, by name
         * @param mayBeLoose whether the backend takes shapes that lack a declared last dimension of one
         * @throws InferenceException saying what does not fit
         */
        Bound bind(String model, Map<String, Signature> signatures, boolean mayBeLoose);
    }

    /**
     * What is in one record.
     *
     * @param calls the questions; several where one request asks several signatures
     * @param notReplayed the kind of a request that cannot be run here, and is passed over
     */
    record Recording(List<RecordedCall> calls, Optional<String> notReplayed) {
        public Recording {
            calls = List.copyOf(calls);
        }

        /** Something to run. */
        public static Recording of(List<RecordedCall> calls) {
            return new Recording(calls, Optional.empty());
        }

        /** Something that is passed over. */
        public static Recording ofUnsupported(String kind) {
            return new Recording(List.of(), Optional.of(kind));
        }
    }
}
