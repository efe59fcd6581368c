package turnout.dist;

import org.junit.jupiter.api.DynamicTest;

/**
 * One numbered case of what clients of TensorFlow Serving may rely on.
 *
 * @param number by which the case is known in this project, from 1 to {@link #COUNT}
 * @param title what it is about
 */
record ContractCase(int number, String title, Check check) {
    static final int COUNT = 68;

    /** Asks a server, and fails where its answer is another one. */
    @FunctionalInterface
    interface Check {
        void run(CaseClient client) throws Exception;
    }

    DynamicTest on(CaseClient client) {
        return DynamicTest.dynamicTest("case %02d: %s".formatted(number, title), () -> check.run(client));
    }
}
