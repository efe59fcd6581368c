package turnout.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TranscriptTest {
    @Test
    void onlyConsoleBlocksAreRead() {
        List<Transcript> found = Transcript.in("""
                ```sh
                $ rm nothing
                ```
                text
                ```console
                $ echo a
                a
                $ echo b \\
                    c
                b c
                ```
                $ echo d
                """.lines().toList());
        assertThat(found)
                .containsExactly(new Transcript(6, "echo a", "a\n"), new Transcript(8, "echo b \\\n    c", "b c\n"));
    }

    @Test
    void commandGoesOnWithinQuotes() {
        assertThat(Transcript.in("""
                ```console
                $ echo 'a
                  b' c
                a
                  b c
                ```
                """.lines().toList()))
                .containsExactly(new Transcript(2, "echo 'a\n  b' c", "a\n  b c\n"));
    }

    @Test
    void outputMustBeTheSameButForBlanksAtTheEndOfLines() {
        Transcript transcript = new Transcript(1, "x", "a [1]\nb\n");
        assertThat(transcript.isExpected("a [1]  \nb")).isTrue();
        assertThat(transcript.isExpected("a [1]\nb\nc\n")).isFalse();
        assertThat(transcript.isExpected("a 1\nb\n")).isFalse();
        assertThat(transcript.isExpected("")).isFalse();
    }

    @Test
    void dotsStandForAnythingWithinALineOrForLines() {
        assertThat(new Transcript(1, "x", "a: ..., c\n").isExpected("a: b, c\n"))
                .isTrue();
        assertThat(new Transcript(1, "x", "a: ..., c\n").isExpected("a: b\n, c\n"))
                .isFalse();
        Transcript lines = new Transcript(1, "x", "a\n...\nz\n");
        assertThat(lines.isExpected("a\nb\nc\nz\n")).isTrue();
        assertThat(lines.isExpected("a\nz\n")).isTrue();
        assertThat(lines.isExpected("a\nb\n")).isFalse();
    }

    @Test
    void noOutputIsExpectedWhereNoneIsWritten() {
        assertThat(new Transcript(1, "x", "").isExpected("")).isTrue();
        assertThat(new Transcript(1, "x", "").isExpected("a\n")).isFalse();
    }
}
