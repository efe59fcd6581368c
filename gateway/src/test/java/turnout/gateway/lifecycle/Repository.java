package turnout.gateway.lifecycle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import turnout.testkit.FakeBackend;

/** A model repository on the disk whose versions the fake backend claims. */
final class Repository {
    private final Path root;

    Repository(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    Path model(String model) {
        return root.resolve(model);
    }

    Repository version(String model, long number) {
        return write(model + "/" + number + "/" + FakeBackend.MARKER, "x");
    }

    /** Changes what a version consists of. */
    Repository change(String model, long number, String content) {
        return write(model + "/" + number + "/" + FakeBackend.MARKER, content);
    }

    Repository config(String model, String yaml) {
        return write(model + "/model.yaml", yaml);
    }

    Repository write(String path, String text) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Repository remove(String path) {
        try (Stream<Path> all = Files.walk(root.resolve(path))) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
