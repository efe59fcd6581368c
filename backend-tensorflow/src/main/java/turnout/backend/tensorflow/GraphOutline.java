package turnout.backend.tensorflow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph without its weights: which operations there are, where, and what leads to what.
 *
 * @param nodes the main graph, by node name
 * @param functions the library, by function name
 * @param gradients gradient functions by the function they belong to
 */
record GraphOutline(Map<String, Node> nodes, Map<String, List<Node>> functions, Map<String, String> gradients) {
    /**
     * One node.
     *
     * @param name its name
     * @param op its operation, which may be the name of a function
     * @param inputs names of the nodes it reads, as written: {@code a:1}, {@code ^b}
     * @param calls functions that its attributes name
     * @param texts its string attributes
     */
    record Node(String name, String op, List<String> inputs, List<String> calls, List<String> texts) {}

    /** An empty outline to be filled by a reader. */
    static GraphOutline empty() {
        return new GraphOutline(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    /** Every node there is, used or not. */
    List<Node> all() {
        List<Node> all = new ArrayList<>(nodes.values());
        functions.values().forEach(all::addAll);
        return all;
    }

    /** Every node that runs when those nodes of the main graph are asked for, with the bodies of the functions that are called. */
    Set<Node> reachableFrom(Collection<String> roots) {
        Set<Node> reached = new LinkedHashSet<>();
        Set<String> functionsSeen = new HashSet<>();
        Deque<Node> open = new ArrayDeque<>();
        roots.forEach(root -> push(nodeOf(root), open));
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (!reached.add(node)) {
                continue;
            }
            // Inside a function an input may share its name with a node of the main graph: following it there finds too
            // much, never too
            // little, since the whole body is taken anyway.
            node.inputs().forEach(input -> push(nodeOf(input), open));
            enter(node.op(), functionsSeen, open);
            node.calls().forEach(function -> enter(function, functionsSeen, open));
        }
        return reached;
    }

    /** The node's name in {@code a:1} or {@code ^a}. */
    static String nodeOf(String tensor) {
        String name = tensor.startsWith("^") ? tensor.substring(1) : tensor;
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    private void push(String name, Deque<Node> open) {
        Node node = nodes.get(name);
        if (node != null) {
            open.push(node);
        }
    }

    private void enter(String function, Set<String> seen, Deque<Node> open) {
        List<Node> body = functions.get(function);
        if (body == null || !seen.add(function)) {
            return;
        }
        body.forEach(open::push);
        String gradient = gradients.get(function);
        if (gradient != null) {
            enter(gradient, seen, open);
        }
    }
}
