package turnout.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class ReadProblemTest {
    private static final String PATH = "/srv/secret/m/1/assets.extra/file";

    @Test
    void noPathIsToldToClients() {
        assertThat(ReadProblem.of(new AccessDeniedException(PATH))).isEqualTo("access is denied");
        assertThat(ReadProblem.of(new NoSuchFileException(PATH))).isEqualTo("it does not exist");
        assertThat(ReadProblem.of(new FileSystemException(PATH, null, "Input/output error")))
                .isEqualTo("FileSystemException");
        assertThat(ReadProblem.of(new IOException("the file ends"))).isEqualTo("the file ends");
    }
}
