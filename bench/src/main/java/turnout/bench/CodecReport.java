package turnout.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the codecs' benchmarks and prints them as one table: MB/s, its ratios to copying and to Jackson in the same run, bytes allocated
 * per operation.
 *
 * <p>{@code java -cp 'bench/target/turnout-bench-0.1.0-SNAPSHOT.jar:bench/target/lib/*' turnout.bench.CodecReport [JMH's options]}
 */
public final class CodecReport {
    private static final String RIVAL = "ByJackson";
    private static final String FLOOR = "ByCopying";

    private CodecReport() {}

    /** Takes JMH's options. */
    public static void main(String[] args) throws RunnerException, CommandLineOptionException {
        CommandLineOptions given = new CommandLineOptions(args);
        OptionsBuilder options = new OptionsBuilder();
        options.parent(given).addProfiler(GCProfiler.class);
        if (given.getIncludes().isEmpty()) {
            options.include("JsonBenchmark|CodecBenchmark|NumberBenchmark");
        }
        print(new Runner(options.build()).run(), System.out);
    }

    private static void print(Collection<RunResult> results, PrintStream out) {
        Map<String, List<RunResult>> groups = new TreeMap<>();
        for (RunResult result : results) {
            groups.computeIfAbsent(group(result.getParams()), key -> new ArrayList<>())
                    .add(result);
        }
        out.println("| benchmark | MB/s | of copying | of Jackson | B/op |");
        out.println("|---|---|---|---|---|");
        groups.forEach((name, group) -> {
            for (RunResult result : group) {
                String method = method(result);
                double speed = speed(result);
                out.printf(
                        "| %s %s | %.0f | %s | %s | %.0f |%n",
                        name,
                        method,
                        speed,
                        ratio("%.3f", speed, group, direction(method) + FLOOR),
                        ratio("%.1f", speed, group, direction(method) + RIVAL),
                        secondary(result, "gc.alloc.rate.norm"));
            }
        });
    }

    /** The class with its parameters: what is compared. */
    private static String group(BenchmarkParams params) {
        String full = params.getBenchmark();
        String type = full.substring(0, full.lastIndexOf('.'));
        StringBuilder name =
                new StringBuilder(type.substring(type.lastIndexOf('.') + 1).replace("Benchmark", ""));
        for (String key : params.getParamsKeys()) {
            name.append(' ').append(params.getParam(key));
        }
        return name.toString();
    }

    private static String method(RunResult result) {
        String full = result.getParams().getBenchmark();
        return full.substring(full.lastIndexOf('.') + 1);
    }

    private static String direction(String method) {
        return method.startsWith("read") ? "read" : "write";
    }

    private static String ratio(String format, double speed, List<RunResult> group, String rival) {
        for (RunResult result : group) {
            String method = method(result);
            if (method.equals(rival) || (rival.endsWith(FLOOR) && method.equals("byCopying"))) {
                return String.format(format, speed / speed(result));
            }
        }
        return "";
    }

    private static double speed(RunResult result) {
        return secondary(result, "megabytes");
    }

    private static double secondary(RunResult result, String label) {
        Result<?> found = result.getSecondaryResults().get(label);
        return found == null ? Double.NaN : found.getScore();
    }
}
