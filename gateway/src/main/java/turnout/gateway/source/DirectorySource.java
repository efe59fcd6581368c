package turnout.gateway.source;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds models and versions in directories: {@code <model>/<version>/}, and {@code <model>/model.yaml}. They lie side by side in a
 * repository, or each where somebody said.
 *
 * <p>Copying a version takes time. A version that appears while we watch is offered once two looks in a row saw the same files; at the
 * first look, and when somebody asks for it, at once.
 *
 * <p>A directory that cannot be read is not one that is gone: what was seen there before goes on being offered, with a problem that says
 * so. A link that leads out of the repository takes everything behind it away.
 *
 * <p>Blocks on the disk. Used by one thread at a time.
 */
public final class DirectorySource {
    private static final Set<String> IGNORED = Set.of("lost+found");
    private static final String CONFIG = "model.yaml";

    private final @Nullable Path root;

    // Served instead of the root's models once somebody named them.
    private @Nullable Map<String, Path> basePaths;
    private final Map<String, Known> seen = new HashMap<>();
    private SortedMap<String, SortedSet<Long>> others = new TreeMap<>();
    private boolean lookedBefore;

    /** @param root the model repository; it need not exist yet */
    public DirectorySource(Path root) {
        this(root, null);
    }

    private DirectorySource(@Nullable Path root, @Nullable Map<String, Path> basePaths) {
        this.root = root;
        this.basePaths = basePaths;
    }

    /** One without a repository: there is nothing until {@link #serve} says where models are. */
    public static DirectorySource withoutRepository() {
        return new DirectorySource(null, new TreeMap<>());
    }

    /** Looks at everything that is served. */
    public Listing look() {
        Haste haste = lookedBefore ? Haste.WHEN_SETTLED : Haste.AT_ONCE;
        Map<String, Path> served = basePaths;
        SortedMap<String, ModelListing> models = new TreeMap<>();
        if (served == null) {
            Path repository = Objects.requireNonNull(root);
            try {
                Path boundary = repository.toRealPath();
                for (Path directory : directories(boundary)) {
                    String model = nameOf(directory);
                    models.put(model, list(model, repository.resolve(model), directory, boundary, haste));
                }
            } catch (IOException | DirectoryIteratorException e) {
                return Listing.failed("the model repository cannot be read: " + ReadProblem.of(e));
            }
        } else {
            served.forEach((model, path) -> models.put(model, listBasePath(model, path, haste)));
        }
        lookedBefore = true;
        seen.keySet().retainAll(models.keySet());
        return new Listing(models, others(), Optional.empty());
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
        Path repository = root;
        if (repository == null) {
            return Optional.empty();
        }
        try {
            Path boundary = repository.toRealPath();
            // The name comes from a client: it is compared with what is there and never made part of a path.
            for (Path directory : directories(boundary)) {
                if (nameOf(directory).equals(model)) {
                    if (served != null) {
                        served.put(model, directory);
                    }
                    Path place = served == null ? repository.resolve(model) : directory;
                    return Optional.of(list(model, place, directory, boundary, Haste.AT_ONCE));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return Optional.of(
                    ModelListing.nothing(model, "the model repository cannot be read: " + ReadProblem.of(e)));
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
            Known before = seen.get(model);
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
        basePaths = new TreeMap<>(paths);
        SortedMap<String, ModelListing> models = new TreeMap<>();
        paths.forEach((model, path) -> {
            Known before = seen.get(model);
            boolean known = before != null && before.place.equals(absolute(path));
            models.put(model, listBasePath(model, path, known ? Haste.WHEN_SETTLED : Haste.AT_ONCE));
        });
        lookedBefore = true;
        seen.keySet().retainAll(models.keySet());
        return new Listing(models, others(), Optional.empty());
    }

    /** What lies in the repository besides what is served; as it was before where that cannot be read. */
    private SortedMap<String, SortedSet<Long>> others() {
        Map<String, Path> served = basePaths;
        if (served == null || root == null) {
            return Collections.emptySortedMap();
        }
        try {
            Path boundary = root.toRealPath();
            SortedMap<String, SortedSet<Long>> found = new TreeMap<>();
            for (Path directory : directories(boundary)) {
                found.put(nameOf(directory), numbers(directory, boundary));
            }
            others = found;
        } catch (IOException | DirectoryIteratorException e) {
            // Nobody is served from there: the index shows what it showed.
        }
        SortedMap<String, SortedSet<Long>> unserved = new TreeMap<>(others);
        unserved.keySet().removeAll(served.keySet());
        return unserved;
    }

    private static SortedSet<Long> numbers(Path directory, Path boundary) {
        try {
            return new TreeSet<>(
                    numbered(inside(directory, boundary), new ArrayList<>()).keySet());
        } catch (IOException | DirectoryIteratorException e) {
            return Collections.emptySortedSet();
        }
    }

    private ModelListing listBasePath(String model, Path path, Haste haste) {
        try {
            Path real = path.toRealPath();
            return list(model, path, real, real, haste);
        } catch (IOException e) {
            return unreadable(model, path, e);
        }
    }

    /** @param place where the model is said to be: what was seen elsewhere under its name says nothing of it */
    private ModelListing list(String model, Path place, Path directory, Path boundary, Haste haste) {
        List<String> problems = new ArrayList<>();
        Optional<ModelListing.ConfigFile> config;
        SortedMap<Long, Path> numbered;
        try {
            Path real = directory.toRealPath();
            if (!real.startsWith(boundary)) {
                seen.remove(model);
                return ModelListing.nothing(model, "its directory is a link that leads out of the repository");
            }
            config = config(real, boundary);
            numbered = numbered(real, problems);
        } catch (LinkOutException e) {
            seen.remove(model);
            return ModelListing.nothing(model, "its directory cannot be read: " + ReadProblem.of(e));
        } catch (IOException | DirectoryIteratorException e) {
            return unreadable(model, place, e);
        }
        Known before = known(model, place);
        Known now = new Known(before.place, new HashMap<>(), config);
        numbered.forEach((number, path) -> look(number, path, boundary, before.versions.get(number), haste, problems)
                .ifPresent(found -> now.versions.put(number, found)));
        seen.put(model, now);
        return now.listing(model, problems);
    }

    /** What is known of a version after a look at it; empty when there is nothing to be kept in mind. */
    private static Optional<Seen> look(
            long number, Path path, Path boundary, @Nullable Seen before, Haste haste, List<String> problems) {
        try {
            Path location = inside(path, boundary);
            VersionFiles found = new VersionFiles(number, location, VersionScan.of(location, boundary));
            return Optional.of(settle(found, before, haste));
        } catch (IOException e) {
            if (before == null || e instanceof LinkOutException || isAbsent(path)) {
                problems.add("version " + number + " is ignored: " + ReadProblem.of(e));
                return Optional.empty();
            }
            String result = before.offered == null ? " is ignored: " : " stays as it was, since it cannot be read: ";
            problems.add("version " + number + result + ReadProblem.of(e));
            return Optional.of(before);
        }
    }

    private static Seen settle(VersionFiles found, @Nullable Seen before, Haste haste) {
        Fingerprint fingerprint = found.fingerprint();
        if (fingerprint.files() == 0) {
            return new Seen(fingerprint, null);
        }
        if (haste == Haste.AT_ONCE || (before != null && before.last.equals(fingerprint))) {
            return new Seen(fingerprint, found);
        }
        return new Seen(fingerprint, before == null ? null : before.offered);
    }

    /** A model whose directory cannot be read: what it was before, unless it is gone. */
    private ModelListing unreadable(String model, Path place, Exception e) {
        Known kept = isAbsent(place) ? new Known(absolute(place), Map.of(), Optional.empty()) : known(model, place);
        seen.put(model, kept);
        return kept.listing(model, List.of("its directory cannot be read: " + ReadProblem.of(e)));
    }

    private Known known(String model, Path place) {
        Path absolute = absolute(place);
        Known known = seen.get(model);
        return known != null && known.place.equals(absolute) ? known : new Known(absolute, Map.of(), Optional.empty());
    }

    private static Path absolute(Path place) {
        return place.toAbsolutePath().normalize();
    }

    /** Whether it is certain that nothing is there; anything else that goes wrong proves nothing. */
    private static boolean isAbsent(Path path) {
        try {
            Files.readAttributes(path, BasicFileAttributes.class);
            return false;
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
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
        BasicFileAttributes attributes;
        Path real;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                return Optional.empty();
            }
            real = inside(file, boundary);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        return Optional.of(new ModelListing.ConfigFile(real, attributes.size(), attributes.lastModifiedTime()));
    }

    private static Path inside(Path path, Path boundary) throws IOException {
        Path real = path.toRealPath();
        if (!real.startsWith(boundary)) {
            throw new LinkOutException("it is a link that leads out of the repository");
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
                        && mayBeDirectory(child)) {
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

    /** True where nobody can tell: whoever reads it finds out, and left out it would count as gone. */
    private static boolean mayBeDirectory(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).isDirectory();
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.getFileName());
    }

    private enum Haste {
        AT_ONCE,
        WHEN_SETTLED
    }

    /** @param offered the version as it stood still last, null for not yet */
    private record Seen(Fingerprint last, @Nullable VersionFiles offered) {}

    /** What the last look at a model found in that place. */
    private record Known(Path place, Map<Long, Seen> versions, Optional<ModelListing.ConfigFile> config) {
        ModelListing listing(String model, List<String> problems) {
            SortedMap<Long, VersionFiles> offered = new TreeMap<>();
            versions.forEach((number, version) -> {
                if (version.offered != null) {
                    offered.put(number, version.offered);
                }
            });
            return new ModelListing(model, offered, config, problems);
        }
    }
}
