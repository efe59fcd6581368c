package turnout.dist;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a fenced block marked {@code console} in a document promises: commands after {@code $}, and what each prints.
 *
 * <p>Three dots stand for anything within a line; alone on a line, for any lines.
 *
 * @param line where the command stands, from 1
 * @param command as typed, with its continuation lines
 * @param expected what it prints
 */
record Transcript(int line, String command, String expected) {
    private static final String FENCE = "```";
    private static final String PROMPT = "$ ";
    private static final String ANYTHING = "...";

    /** Every command of a document, in order. */
    static List<Transcript> in(List<String> document) {
        List<Transcript> transcripts = new ArrayList<>();
        List<Numbered> block = null;
        int number = 0;
        for (String text : document) {
            number++;
            if (block != null && text.startsWith(FENCE)) {
                transcripts.addAll(block(block));
                block = null;
            } else if (block != null) {
                block.add(new Numbered(number, text));
            } else if (text.equals(FENCE + "console")) {
                block = new ArrayList<>();
            }
        }
        return transcripts;
    }

    boolean isExpected(String actual) {
        String pattern = expected.lines()
                .map(text -> text.strip().equals(ANYTHING) ? "(?:[^\\n]*\\n)*?" : line(text) + "\\n")
                .collect(Collectors.joining());
        String normal = actual.lines().map(text -> text.stripTrailing() + "\n").collect(Collectors.joining());
        return Pattern.matches(pattern, normal);
    }

    private static String line(String text) {
        String literal = text.stripTrailing();
        return List.of(literal.split(Pattern.quote(ANYTHING), -1)).stream()
                .map(Pattern::quote)
                .collect(Collectors.joining("[^\\n]*"));
    }

    private static List<Transcript> block(List<Numbered> block) {
        List<Transcript> transcripts = new ArrayList<>();
        Iterator<Numbered> lines = block.iterator();
        int line = 0;
        StringBuilder command = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        while (lines.hasNext()) {
            Numbered next = lines.next();
            if (!next.text.startsWith(PROMPT)) {
                expected.append(next.text).append('\n');
                continue;
            }
            if (line > 0) {
                transcripts.add(new Transcript(line, command.toString(), expected.toString()));
            }
            line = next.number;
            command = new StringBuilder(next.text.substring(PROMPT.length()));
            expected = new StringBuilder();
            while (isUnfinished(command.toString()) && lines.hasNext()) {
                command.append('\n').append(lines.next().text);
            }
        }
        if (line > 0) {
            transcripts.add(new Transcript(line, command.toString(), expected.toString()));
        }
        return transcripts;
    }

    /** As a shell sees it: the line ends with a backslash, or within quotes. */
    private static boolean isUnfinished(String command) {
        return command.endsWith("\\") || command.chars().filter(c -> c == '\'').count() % 2 == 1;
    }

    private record Numbered(int number, String text) {}
}
