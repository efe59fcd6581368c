package turnout.gateway.source;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why something in a model's directory cannot be read, without paths: clients see it as the reason why a version is not there. */
public final class ReadProblem {
    private ReadProblem() {}

    /** The reason as a sentence. */
    public static String of(Exception e) {
        if (e instanceof DirectoryIteratorException) {
            return "it cannot be listed";
        }
        if (e instanceof NoSuchFileException) {
            return "it does not exist";
        }
        if (e instanceof AccessDeniedException) {
            return "access is denied";
        }
        return e instanceof FileSystemException ? e.getClass().getSimpleName() : String.valueOf(e.getMessage());
    }
}
