package turnout.dist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A model repository of a test's own, put together from the models of this checkout. */
final class ModelFolder {
    private final Path root;

    /** @param root an empty folder */
    ModelFolder(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /** A test model or sample model as it lies in the checkout. */
    static Path original(String model) {
        return Stream.of("testmodels/models", "samples/models")
                .map(folder -> Checkout.root().resolve(folder).resolve(model))
                .filter(Files::isDirectory)
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no model " + model));
    }

    /** Adds models with all their versions and settings. */
    ModelFolder add(String... models) {
        for (String model : models) {
            copy(original(model), root.resolve(model));
        }
        return this;
    }

    /** Adds a model under another name, with nothing but version 1. */
    ModelFolder addAs(String name, String model) {
        return version(name, 1, original(model).resolve("1"));
    }

    /** Writes {@code model.yaml}. */
    ModelFolder settings(String model, String yaml) {
        return write(model + "/model.yaml", yaml);
    }

    /** Writes a file. */
    ModelFolder write(String path, String text) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.resolveSibling(""));
            Path fresh = Files.writeString(file.resolveSibling(".fresh"), text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Copies a version beside its place and renames it into it, as a careful operator does. */
    ModelFolder version(String model, long number, Path from) {
        Path folder = root.resolve(model);
        Path fresh = folder.resolve(".fresh-" + number);
        copy(from, fresh);
        move(fresh, folder.resolve(Long.toString(number)));
        return this;
    }

    /** Takes a version away at once. */
    void delete(String model, long number) {
        Path gone = root.resolve(model).resolve(".gone-" + number);
        move(root.resolve(model).resolve(Long.toString(number)), gone);
        try (Stream<Path> files = Files.walk(gone)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            List<Path> all = files.toList();
            Files.createDirectories(to);
            for (Path file : all) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
