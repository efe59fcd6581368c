package turnout.gateway.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import turnout.gateway.lane.BatchingConfig;
import turnout.spi.Buffers;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;
import turnout.spi.Servable;
import turnout.spi.Signature;
import turnout.spi.Tensor;
import turnout.spi.TensorSpec;
import turnout.spi.Ticker;

/** Runs the first requests of a version, so that callers do not, and learns from them. Blocks; used by load threads. */
final class Warmup {
    private static final int RUNS = 3;
    /** A model this slow is measured once: more would only delay it. */
    private static final Duration SLOW = Duration.ofSeconds(1);

    private final Buffers buffers;
    private final Ticker ticker;

    Warmup(Buffers buffers, Ticker ticker) {
        this.buffers = buffers;
        this.ticker = ticker;
    }

    /** Whether a failed run means that the servable cannot be used, rather than that the made-up request made no sense. */
    static boolean isDead(InferenceException e) {
        return e.code() == ErrorCode.INTERNAL || e.code() == ErrorCode.OUT_OF_MEMORY;
    }

    /**
     * Warms every signature.
     *
     * @param batching whether joining is worth a proof
     * @throws InferenceException when the servable is dead
     */
    Learnt run(Servable servable, BatchingConfig batching) {
        TrialRun trial = new TrialRun(servable, buffers, ticker);
        Map<String, SyntheticInputs> recipes = new LinkedHashMap<>();
        Set<String> joinable = new LinkedHashSet<>();
        List<String> conditions = new ArrayList<>();
        OptionalLong slowest = OptionalLong.empty();
        boolean prove = batching.join() == BatchingConfig.Join.AUTO && batching.maxBatchRows() > 1;
        for (Signature signature : servable.signatures().values()) {
            Found found = find(trial, signature);
            if (found.recipe.isEmpty()) {
                conditions.add("signature " + signature.name() + " was not warmed, and its calls are not joined: "
                        + found.problem);
                continue;
            }
            SyntheticInputs recipe = found.recipe.get();
            recipes.put(signature.name(), recipe);
            long nanos = measure(trial, signature, recipe);
            slowest = OptionalLong.of(Math.max(nanos, slowest.orElse(0)));
            if (prove && takesRows(signature)) {
                Optional<String> objection = signature.looksBatchable()
                        ? JoinProof.objection(trial, signature, recipe)
                        : outputWithoutRows(signature);
                objection.ifPresent(
                        why -> conditions.add("signature " + signature.name() + " runs call by call: " + why));
                if (objection.isEmpty()) {
                    joinable.add(signature.name());
                }
            }
        }
        return new Learnt(recipes, joinable, slowest, conditions);
    }

    /** Whether callers would expect that calls are joined. */
    private static boolean takesRows(Signature signature) {
        return !signature.inputs().isEmpty()
                && signature.inputs().values().stream().allMatch(TensorSpec::hasBatchAxis);
    }

    private static Optional<String> outputWithoutRows(Signature signature) {
        return signature.outputs().values().stream()
                .filter(output -> !output.hasBatchAxis())
                .findFirst()
                .map(output -> "output " + output.name() + " has no batch axis");
    }

    /** Runs each signature once more, on a servable that was loaded again. */
    void again(Servable servable, Learnt learnt) {
        TrialRun trial = new TrialRun(servable, buffers, ticker);
        learnt.recipes.forEach((name, recipe) -> {
            Signature signature = servable.signatures().get(name);
            if (signature != null) {
                once(trial, signature, recipe);
            }
        });
    }

    private static Found find(TrialRun trial, Signature signature) {
        String problem = "no request could be made up";
        for (SyntheticInputs recipe : SyntheticInputs.ATTEMPTS) {
            try {
                if (once(trial, signature, recipe)) {
                    return new Found(Optional.of(recipe), "");
                }
            } catch (InferenceException e) {
                if (isDead(e)) {
                    throw e;
                }
                problem = e.getMessage();
            }
        }
        return new Found(Optional.empty(), problem);
    }

    private static boolean once(TrialRun trial, Signature signature, SyntheticInputs recipe) {
        Optional<Map<String, Tensor>> inputs = TrialRun.inputs(signature, recipe, 1, 1);
        inputs.ifPresent(made -> trial.run(signature, made));
        return inputs.isPresent();
    }

    /** The median of a few runs; the first one, which found the recipe, does not count. */
    private long measure(TrialRun trial, Signature signature, SyntheticInputs recipe) {
        long[] nanos = new long[RUNS];
        for (int i = 0; i < RUNS; i++) {
            long start = ticker.nanos();
            try {
                once(trial, signature, recipe);
            } catch (InferenceException e) {
                if (isDead(e)) {
                    throw e;
                }
                // It ran a moment ago: what it took says enough.
            }
            nanos[i] = ticker.nanos() - start;
            if (nanos[i] > SLOW.toNanos()) {
                return nanos[i];
            }
        }
        Arrays.sort(nanos);
        return nanos[RUNS / 2];
    }

    private record Found(Optional<SyntheticInputs> recipe, String problem) {}

    /**
     * What warm-up found out.
     *
     * @param recipes which made-up inputs each signature takes
     * @param joinable signatures whose calls may be joined
     * @param slowestNanos run time of one row of the slowest signature, empty when nothing ran
     * @param conditions sentences an operator should know
     */
    record Learnt(
            Map<String, SyntheticInputs> recipes,
            Set<String> joinable,
            OptionalLong slowestNanos,
            List<String> conditions) {
        Learnt {
            recipes = Map.copyOf(recipes);
            joinable = Set.copyOf(joinable);
            conditions = List.copyOf(conditions);
        }

        /** The same with other sentences in front. */
        Learnt and(List<String> before) {
            List<String> all = new ArrayList<>(before);
            all.addAll(conditions);
            return new Learnt(recipes, joinable, slowestNanos, all);
        }

        /** Of a version that is not warmed. */
        static Learnt nothing(List<String> conditions) {
            return new Learnt(Map.of(), Set.of(), OptionalLong.empty(), conditions);
        }
    }
}
