package turnout.backend.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FailuresTest {
    @Test
    void s12_onlyTheFirstLineWithoutTheNodesBehindItIsShown() {
        assertThat(Failures.clean("assertion failed: [x must not be negative]\n\t [[{{node Assert/Assert}}]]"))
                .isEqualTo("assertion failed: [x must not be negative]");
        assertThat(Failures.clean("bad shape [2,3] [[node model/dense (defined at /home/me/train.py:12) ]]"))
                .isEqualTo("bad shape [2,3]");
    }

    @Test
    void s12_pathsAndAddressesAreHidden() {
        assertThat(Failures.clean("Not found: /srv/models/m/1/variables/variables.index; No such file"))
                .isEqualTo("Not found: (file); No such file");
        assertThat(Failures.clean("could not open 'file:/srv/m/1'")).doesNotContain("srv");
        assertThat(Failures.clean("buffer at 0x7f44682c0f23")).isEqualTo("buffer at (address)");
    }

    @Test
    void s12_longTextsAndControlCharactersAreCut() {
        assertThat(Failures.clean("x".repeat(10_000))).hasSizeLessThan(400);
        assertThat(Failures.clean("a\u001b[31mred\u0007"))
                .doesNotContain("\u001b")
                .doesNotContain("\u0007");
        assertThat(Failures.clean("")).isNotBlank();
    }
}
