package turnout.gateway.source;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds models and versions in directories: {@code <model>/<version>/}, and {@code <model>/model.yaml}.
 *
 * <p>Copying a version takes time. A version that appears while we watch is offered once two looks in a row saw the same files; at the
 * first look, and when somebody asks for it, at once.
 *
 * <p>Blocks on the disk. Used by one thread at a time.
 */
public final class DirectorySource {
    private static final Set<String> IGNORED = Set.of("lost+found");
    private static final String CONFIG = "model.yaml";

    private final Path root;

    // Served instead of the root's models once a reload named them.
    private @Nullable Map<String, Path> basePaths;
    private final Map<String, Map<Long, Seen>> seen = new HashMap<>();
    private boolean lookedBefore;

    /** @param root the model repository; it need not exist yet */
    public DirectorySource(Path root) {
        this.root = root;
    }

    /** Looks at everything that is served. */
    public Listing look() {
        Haste haste = lookedBefore ? Haste.WHEN_SETTLED : Haste.AT_ONCE;
        Map<String, Path> served = basePaths;
        SortedMap<String, ModelListing> models = new TreeMap<>();
        if (served == null) {
            try {
                Path boundary = root.toRealPath();
                for (Path directory : directories(boundary)) {
                    String model = nameOf(directory);
                    models.put(model, list(model, directory, boundary, haste));
                }
            } catch (IOException | DirectoryIteratorException e) {
                return Listing.failed("the model repository cannot be read: " + reason(e));
            }
        } else {
            served.forEach((model, path) -> models.put(model, listBasePath(model, path, haste)));
        }
        lookedBefore = true;
        seen.keySet().retainAll(models.keySet());
        return new Listing(models, Optional.empty());
    }

    /**
     * Looks at one model now and takes its versions as they are.
     *
     * @return empty when there is no such model, among those that are served or in the repository
     */
    public Optional<ModelListing> lookAt(String model) {
        Map<String, Path> served = basePaths;
        Path path = served == null ? null : served.get(model);
        if (path != null) {
            return Optional.of(listBasePath(model, path, Haste.AT_ONCE));
        }
        try {
            Path boundary = root.toRealPath();
            // The name comes from a client: it is compared with what is there and never made part of a path.
            for (Path directory : directories(boundary)) {
                if (nameOf(directory).equals(model)) {
                    if (served != null) {
                        served.put(model, directory);
                    }
                    return Optional.of(list(model, directory, boundary, Haste.AT_ONCE));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return Optional.of(ModelListing.nothing(model, "the model repository cannot be read: " + reason(e)));
        }
        return Optional.empty();
    }

    /**
     * What would be found if those directories were served; changes nothing.
     *
     * @param paths directory by model
     */
    public Map<String, ModelListing> tryOut(Map<String, Path> paths) {
        Map<String, ModelListing> found = new TreeMap<>();
        paths.forEach((model, path) -> {
            Map<Long, Seen> before = seen.get(model);
            found.put(model, listBasePath(model, path, Haste.AT_ONCE));
            if (before == null) {
                seen.remove(model);
            } else {
                seen.put(model, before);
            }
        });
        return found;
    }

    /**
     * Serves those directories from now on, and nothing else.
     *
     * @param paths directory by model
     * @return what is there now; the versions of a directory that is new are taken as they are
     */
    public Listing serve(Map<String, Path> paths) {
        Map<String, Path> before = basePaths;
        basePaths = new TreeMap<>(paths);
        SortedMap<String, ModelListing> models = new TreeMap<>();
        paths.forEach((model, path) -> {
            boolean known = seen.containsKey(model) && (before == null || path.equals(before.get(model)));
            models.put(model, listBasePath(model, path, known ? Haste.WHEN_SETTLED : Haste.AT_ONCE));
        });
        lookedBefore = true;
        seen.keySet().retainAll(models.keySet());
        return new Listing(models, Optional.empty());
    }

    private ModelListing listBasePath(String model, Path path, Haste haste) {
        try {
            Path real = path.toRealPath();
            return list(model, real, real, haste);
        } catch (IOException e) {
            return ModelListing.nothing(model, "its directory cannot be read: " + reason(e));
        }
    }

    private ModelListing list(String model, Path directory, Path boundary, Haste haste) {
        SortedMap<Long, VersionFiles> offered = new TreeMap<>();
        List<String> problems = new ArrayList<>();
        Optional<ModelListing.ConfigFile> config = Optional.empty();
        Map<Long, Seen> now = new HashMap<>();
        try {
            Path real = directory.toRealPath();
            if (!real.startsWith(boundary)) {
                return ModelListing.nothing(model, "its directory is a link that leads out of the repository");
            }
            config = config(real, boundary);
            SortedMap<Long, Path> numbered = numbered(real, problems);
            for (Map.Entry<Long, Path> entry : numbered.entrySet()) {
                long number = entry.getKey();
                try {
                    Path location = inside(entry.getValue(), boundary);
                    Seen found = settle(model, number, VersionScan.of(location, boundary), haste);
                    now.put(number, found);
                    if (found.offered != null) {
                        offered.put(number, new VersionFiles(number, location, found.offered));
                    }
                } catch (IOException e) {
                    problems.add("version " + number + " is ignored: " + reason(e));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            problems.add("its directory cannot be read: " + reason(e));
        }
        seen.put(model, now);
        return new ModelListing(model, offered, config, problems);
    }

    private Seen settle(String model, long number, Fingerprint found, Haste haste) {
        if (found.files() == 0) {
            return new Seen(found, null);
        }
        Seen before = seen.getOrDefault(model, Map.of()).get(number);
        if (haste == Haste.AT_ONCE || (before != null && before.last.equals(found))) {
            return new Seen(found, found);
        }
        return new Seen(found, before == null ? null : before.offered);
    }

    private static SortedMap<Long, Path> numbered(Path model, List<String> problems) throws IOException {
        SortedMap<Long, Path> numbered = new TreeMap<>();
        for (Path directory : directories(model)) {
            String name = nameOf(directory);
            if (!name.matches("[0-9]{1,18}")) {
                continue;
            }
            Path other = numbered.putIfAbsent(Long.parseLong(name), directory);
            if (other != null) {
                problems.add("directory " + name + " is ignored: " + nameOf(other) + " is the same version");
            }
        }
        return numbered;
    }

    private static Optional<ModelListing.ConfigFile> config(Path model, Path boundary) throws IOException {
        Path file = model.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Path real = inside(file, boundary);
        BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
        return Optional.of(new ModelListing.ConfigFile(real, attributes.size(), attributes.lastModifiedTime()));
    }

    private static Path inside(Path path, Path boundary) throws IOException {
        Path real = path.toRealPath();
        if (!real.startsWith(boundary)) {
            throw new IOException("it is a link that leads out of the repository");
        }
        return real;
    }

    /** Sub-directories by name; of 1, 01 and 001 the shortest comes first. */
    private static List<Path> directories(Path parent) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
            for (Path child : children) {
                String name = nameOf(child);
                if (!name.startsWith(".")
                        && !name.isBlank()
                        && !IGNORED.contains(name)
                        && name.chars().noneMatch(Character::isISOControl)
                        && Files.isDirectory(child)) {
                    found.add(child);
                }
            }
        }
        found.sort((a, b) -> {
            int byLength = Integer.compare(nameOf(a).length(), nameOf(b).length());
            return byLength != 0 ? byLength : nameOf(a).compareTo(nameOf(b));
        });
        return found;
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.getFileName());
    }

    /** Without paths: clients see it as the reason why a version is not there. */
    private static String reason(Exception e) {
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

    private enum Haste {
        AT_ONCE,
        WHEN_SETTLED
    }

    /** @param offered the last fingerprint that stood still, null for none yet */
    private record Seen(Fingerprint last, @Nullable Fingerprint offered) {}
}
