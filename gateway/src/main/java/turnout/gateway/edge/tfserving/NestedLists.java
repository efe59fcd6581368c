package turnout.gateway.edge.tfserving;

import java.util.Arrays;
import turnout.gateway.call.Refusal;
import turnout.gateway.call.RefusedException;
import turnout.spi.Shapes;

/**
 * Reads nested lists in one pass: the first element at each level says the shape, all others must agree with it. Can be used again and
 * again; the shape is that of the last reading.
 */
final class NestedLists {
    private static final int UNKNOWN = -1;

    private final int highestRank;
    private final long[] dims = new long[Shapes.MAX_RANK];
    private final long[] seen = new long[Shapes.MAX_RANK];
    private int rank;

    /**
     * @param highestRank lists that are nested deeper are refused; at most {@link Shapes#MAX_RANK}
     */
    NestedLists(int highestRank) {
        this.highestRank = highestRank;
    }

    /** Appends the leaves of the value at the cursor, which was checked to be JSON before. */
    void read(JsonCursor cursor, ElementBuffer into) {
        Arrays.fill(dims, UNKNOWN);
        rank = UNKNOWN;
        int level = 0;
        do {
            if (cursor.next() == '[') {
                level = open(cursor, level);
                if (cursor.next() != ']') {
                    continue;
                }
                rank = rank == UNKNOWN ? level : rank;
            } else {
                checkLeaf(cursor, level);
                if (level == 0) {
                    into.add(cursor);
                    return;
                }
                seen[level - 1] += into.addRun(cursor);
            }
            level = close(cursor, level);
        } while (level > 0);
    }

    /** The shape, valid until the next reading. */
    boolean hasShape(long[] shape) {
        return Arrays.equals(dims, 0, rank, shape, 0, shape.length);
    }

    long[] shape() {
        return Arrays.copyOf(dims, rank);
    }

    private int open(JsonCursor cursor, int level) {
        if (rank != UNKNOWN && level >= rank) {
            throw malformed("Encountered list at unexpected level: " + level + " expected < " + rank);
        }
        if (level == highestRank) {
            throw malformed(
                    "Encountered list at level: " + level + ", more than " + highestRank + " levels are not supported");
        }
        cursor.take();
        seen[level] = 0;
        return level + 1;
    }

    private void checkLeaf(JsonCursor cursor, int level) {
        if (rank == UNKNOWN) {
            rank = level;
        } else if (level != rank) {
            throw malformed("JSON Value: " + cursor.quote() + " found at incorrect level: " + (level + 1)
                    + " in the JSON DOM. Expected at level: " + rank);
        }
    }

    /** After an element: passes closing brackets up to the next element, whose level is returned; 0 when all is closed. */
    private int close(JsonCursor cursor, int levelBefore) {
        int level = levelBefore;
        while (level > 0) {
            cursor.skipBlanks();
            if (cursor.take() == ',') {
                return level;
            }
            level--;
            if (dims[level] == UNKNOWN) {
                dims[level] = seen[level];
            } else if (dims[level] != seen[level]) {
                throw malformed("Encountered list at unexpected size: " + seen[level] + " at level: " + level
                        + " expected size: " + dims[level]);
            }
            if (level > 0) {
                seen[level - 1]++;
            }
        }
        return 0;
    }

    private static RefusedException malformed(String text) {
        return new RefusedException(new Refusal.Malformed(text));
    }
}
