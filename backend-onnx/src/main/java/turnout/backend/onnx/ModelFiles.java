package turnout.backend.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import turnout.spi.ErrorCode;
import turnout.spi.InferenceException;

/**
 * The files of one version. A model is not trusted: what it reads besides {@code model.onnx} must be a plain file inside its own directory,
 * reached through no link, or loading somebody's model would be a way to read anything that the server can.
 */
final class ModelFiles {
    static final String MODEL = "model.onnx";

    private final String version;
    private final Path directory;

    /**
     * @param version what messages call it
     * @param directory the version's directory
     */
    ModelFiles(String version, Path directory) {
        this.version = version;
        this.directory = directory;
    }

    /** Whether a directory looks like an ONNX version. */
    static boolean areIn(Path directory) {
        return Files.isRegularFile(directory.resolve(MODEL), LinkOption.NOFOLLOW_LINKS);
    }

    /** The model's file. */
    Path model() {
        return directory.resolve(MODEL);
    }

    /**
     * Looks at the model's file and at every file that it names.
     *
     * @throws InferenceException {@link ErrorCode#MODEL_FAILED} when something is missing, malformed or reaches out
     */
    ModelScan check() {
        if (!areIn(directory)) {
            throw failure("there is no file " + MODEL, null);
        }
        ModelScan scan;
        try {
            scan = ModelScan.of(model());
        } catch (ProtobufReader.MalformedException e) {
            throw failure(MODEL + " is not an ONNX file: " + e.getMessage(), null);
        } catch (IOException e) {
            throw failure(MODEL + " cannot be read", e);
        }
        for (String external : scan.externalFiles()) {
            checkExternal(external);
        }
        return scan;
    }

    /**
     * Bytes of all files in the directory.
     *
     * @throws InferenceException {@link ErrorCode#MODEL_FAILED} when it cannot be looked at
     */
    long bytes() {
        if (!areIn(directory)) {
            throw failure("there is no file " + MODEL, null);
        }
        try (Stream<Path> files = Files.walk(directory)) {
            long sum = 0;
            for (Path file : (Iterable<Path>) files::iterator) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    sum += Files.size(file);
                }
            }
            return sum;
        } catch (IOException e) {
            throw failure("its files cannot be looked at", e);
        }
    }

    private void checkExternal(String location) {
        Path file;
        try {
            file = directory.resolve(location).normalize();
        } catch (InvalidPathException e) {
            throw refused(location);
        }
        // startsWith compares whole names; equal is the directory itself.
        if (location.isEmpty() || location.contains("..") || !file.startsWith(directory) || file.equals(directory)) {
            throw refused(location);
        }
        for (Path part = file; part != null && !part.equals(directory); part = part.getParent()) {
            if (Files.isSymbolicLink(part)) {
                throw refused(location);
            }
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw failure("the data file " + shown(location) + " is missing", null);
        }
        if (links(file) > 1) {
            throw refused(location);
        }
    }

    // A second name may stand for a file outside. Where the file system does not count links there is nothing to see.
    private int links(Path file) {
        try {
            return file.getFileSystem().supportedFileAttributeViews().contains("unix")
                    ? (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS)
                    : 1;
        } catch (IOException e) {
            throw failure("a data file cannot be looked at", e);
        }
    }

    private InferenceException refused(String location) {
        return failure(
                "the data file " + shown(location) + " must be a plain file inside the version's directory", null);
    }

    private InferenceException failure(String problem, @Nullable Throwable cause) {
        return new InferenceException(ErrorCode.MODEL_FAILED, version + ": " + problem, cause);
    }

    /** The file's last name only: the rest may be a path of this machine. */
    private static String shown(String location) {
        String name = location.substring(Math.max(location.lastIndexOf('/'), location.lastIndexOf('\\')) + 1);
        String printable = name.replaceAll("[^\\w.-]", "?");
        return '"' + printable.substring(0, Math.min(printable.length(), 80)) + '"';
    }
}
