package turnout.gateway.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Takes the fingerprint of one version's directory and refuses links that lead out of the repository. */
final class VersionScan {
    private static final int MOST_FILES = 100_000;
    private static final int DEEPEST = 32;

    private VersionScan() {}

    /**
     * @param location the version's real path
     * @param boundary the real path that nothing may lead out of
     * @throws IOException with a sentence for the operator
     */
    static Fingerprint of(Path location, Path boundary) throws IOException {
        SortedMap<String, String> files = new TreeMap<>();
        long[] bytes = {0};
        Files.walkFileTree(location, EnumSet.of(FileVisitOption.FOLLOW_LINKS), DEEPEST, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                requireInside(directory, boundary);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                requireInside(file, boundary);
                if (files.size() >= MOST_FILES) {
                    throw new IOException("holds more than " + MOST_FILES + " files");
                }
                files.put(
                        location.relativize(file).toString(),
                        attributes.size() + " " + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
                bytes[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }
        });
        return new Fingerprint(digest(files), files.size(), bytes[0]);
    }

    private static void requireInside(Path path, Path boundary) throws IOException {
        if (Files.isSymbolicLink(path) && !path.toRealPath().startsWith(boundary)) {
            throw new LinkOutException("the link " + path.getFileName() + " leads out of the repository");
        }
    }

    private static String digest(SortedMap<String, String> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.forEach(
                    (name, facts) -> digest.update((name + "\0" + facts + "\0").getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
