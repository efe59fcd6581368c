package turnout.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectorySourceTest {
    private Path root = Path.of("");
    private DirectorySource source = new DirectorySource(root);

    @BeforeEach
    void make(@TempDir Path directory) throws IOException {
        root = Files.createDirectory(directory.resolve("models"));
        source = new DirectorySource(root);
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static Set<Long> versions(Listing listing, String model) {
        ModelListing found = listing.models().get(model);
        return found == null ? Set.of() : found.versions().keySet();
    }

    private static ModelListing model(Listing listing, String name) {
        return Optional.ofNullable(listing.models().get(name)).orElseThrow();
    }

    private static Fingerprint fingerprint(Listing listing) {
        VersionFiles files = model(listing, "m").versions().get(1L);
        return Optional.ofNullable(files).orElseThrow().fingerprint();
    }

    @Test
    void theFirstLookTakesVersionsAsTheyAre() throws IOException {
        write("m/1/graph", "x");
        write("m/007/graph", "x");
        write("m/0/graph", "x");
        assertThat(versions(source.look(), "m")).containsExactly(0L, 1L, 7L);
    }

    @Test
    void whatIsNoVersionIsIgnored() throws IOException {
        write("m/1/graph", "x");
        write("m/x1/graph", "x");
        write("m/-2/graph", "x");
        write("m/.3/graph", "x");
        write("m/4", "a file");
        write("m/99999999999999999999/graph", "x");
        write("lost+found/1/graph", "x");
        write(".hidden/1/graph", "x");
        write("README", "a file");
        Listing listing = source.look();
        assertThat(listing.models()).containsOnlyKeys("m");
        assertThat(versions(listing, "m")).containsExactly(1L);
    }

    @Test
    void ofTwoDirectoriesForOneVersionTheShorterNameWins() throws IOException {
        write("m/1/graph", "x");
        write("m/001/graph", "y");
        ModelListing listing = model(source.look(), "m");
        assertThat(listing.versions().get(1L))
                .satisfies(files -> assertThat(files.location().getFileName()).hasToString("1"));
        assertThat(listing.problems()).containsExactly("directory 001 is ignored: 1 is the same version");
    }

    @Test
    void aVersionThatAppearsLaterIsOfferedOnceItStandsStill() throws IOException {
        write("m/1/graph", "x");
        source.look();
        write("m/2/graph", "half");
        assertThat(versions(source.look(), "m")).containsExactly(1L);
        write("m/2/weights", "more");
        assertThat(versions(source.look(), "m")).containsExactly(1L);
        assertThat(versions(source.look(), "m")).containsExactly(1L, 2L);
    }

    @Test
    void aGrowingFileIsNotStandingStill() throws IOException {
        source.look();
        write("m/1/graph", "1");
        source.look();
        write("m/1/graph", "12");
        assertThat(versions(source.look(), "m")).isEmpty();
        Files.setLastModifiedTime(root.resolve("m/1/graph"), FileTime.fromMillis(1_000_000));
        assertThat(versions(source.look(), "m")).isEmpty();
        assertThat(versions(source.look(), "m")).containsExactly(1L);
    }

    @Test
    void anEmptyDirectoryIsNoVersionYet() throws IOException {
        Files.createDirectories(root.resolve("m/1"));
        assertThat(versions(source.look(), "m")).isEmpty();
        assertThat(versions(source.look(), "m")).isEmpty();
    }

    @Test
    void aVersionThatChangesKeepsItsOldFingerprintUntilItStandsStill() throws IOException {
        write("m/1/graph", "x");
        Fingerprint before = fingerprint(source.look());
        write("m/1/graph", "longer");
        assertThat(fingerprint(source.look())).isEqualTo(before);
        assertThat(fingerprint(source.look())).isNotEqualTo(before);
    }

    @Test
    void whoAsksGetsAVersionAtOnce() throws IOException {
        source.look();
        write("m/1/graph", "x");
        assertThat(source.lookAt("m").orElseThrow().versions()).containsOnlyKeys(1L);
        assertThat(versions(source.look(), "m")).containsExactly(1L);
    }

    @Test
    void aNameIsNeverMadePartOfAPath() throws IOException {
        write("../outside/1/graph", "x");
        source.look();
        for (String name : new String[] {"../outside", "..", ".", "", "m/..", "/", "\0", "%2e%2e"}) {
            assertThat(source.lookAt(name)).as(name).isEmpty();
        }
    }

    @Test
    void aRemovedVersionIsGoneAtOnce() throws IOException {
        write("m/1/graph", "x");
        write("m/2/graph", "x");
        source.look();
        Files.delete(root.resolve("m/2/graph"));
        Files.delete(root.resolve("m/2"));
        assertThat(versions(source.look(), "m")).containsExactly(1L);
    }

    @Test
    void s01_linksOutOfTheRepositoryAreRefused() throws IOException {
        write("../outside/1/graph", "secret");
        write("m/1/graph", "x");
        write("m/2/graph", "x");
        Files.createSymbolicLink(root.resolve("evil"), root.resolve("../outside"));
        Files.createSymbolicLink(root.resolve("m/3"), root.resolve("../outside/1"));
        Files.createSymbolicLink(root.resolve("m/2/data"), root.resolve("../outside/1/graph"));
        Listing listing = source.look();
        assertThat(versions(listing, "evil")).isEmpty();
        assertThat(model(listing, "evil").problems())
                .containsExactly("its directory is a link that leads out of the repository");
        assertThat(versions(listing, "m")).containsExactly(1L);
        assertThat(model(listing, "m").problems())
                .containsExactly(
                        "version 2 is ignored: the link data leads out of the repository",
                        "version 3 is ignored: it is a link that leads out of the repository");
    }

    @Test
    void linksInsideTheRepositoryAreFollowed() throws IOException {
        write("m/.store/abc/graph", "x");
        Files.createSymbolicLink(root.resolve("m/1"), root.resolve("m/.store/abc"));
        assertThat(versions(source.look(), "m")).containsExactly(1L);
    }

    @Test
    void aLinkInACircleHurtsOnlyItsVersion() throws IOException {
        write("m/1/graph", "x");
        write("m/2/graph", "x");
        Files.createSymbolicLink(root.resolve("m/2/again"), root.resolve("m/2"));
        ModelListing listing = model(source.look(), "m");
        assertThat(listing.versions()).containsOnlyKeys(1L);
        assertThat(listing.problems()).hasSize(1);
    }

    @Test
    void aFileThatVanishesDuringALookLeavesItsVersionAsItWas() throws IOException {
        write("m/1/graph", "x");
        Fingerprint before = fingerprint(source.look());
        // A link to nothing fails as a file does that is deleted between being listed and being looked at.
        Path vanished = Files.createSymbolicLink(root.resolve("m/1/tmp"), root.resolve("m/1/none"));
        Listing listing = source.look();
        assertThat(fingerprint(listing)).isEqualTo(before);
        assertThat(model(listing, "m").problems())
                .containsExactly("version 1 stays as it was, since it cannot be read: it does not exist");
        Files.delete(vanished);
        assertThat(fingerprint(source.look())).isEqualTo(before);
        assertThat(model(source.look(), "m").problems()).isEmpty();
    }

    @Test
    void aVersionWhoseDirectoryCannotBeReadStaysAsItWas() throws IOException {
        write("m/1/graph", "x");
        Fingerprint before = fingerprint(source.look());
        unreadable("m/1");
        assertThat(fingerprint(source.look())).isEqualTo(before);
        assertThat(source.lookAt("m").orElseThrow().versions()).containsOnlyKeys(1L);
    }

    @Test
    void aModelWhoseDirectoryCannotBeReadStaysAsItWas() throws IOException {
        write("m/1/graph", "x");
        write("m/model.yaml", "a");
        ModelListing before = model(source.look(), "m");
        unreadable("m");
        ModelListing after = model(source.look(), "m");
        assertThat(after.versions()).isEqualTo(before.versions());
        assertThat(after.config()).isEqualTo(before.config());
        assertThat(after.problems()).containsExactly("its directory cannot be read: FileSystemException");
    }

    @Test
    void aBasePathThatCannotBeReadStaysAsItWasAndOneThatIsGoneDoesNot() throws IOException {
        write("m/1/graph", "x");
        source.serve(Map.of("a", root.resolve("m")));
        unreadable("m");
        assertThat(versions(source.look(), "a")).containsExactly(1L);
        Files.delete(root.resolve("m"));
        assertThat(versions(source.look(), "a")).isEmpty();
    }

    @Test
    void whatWasSeenElsewhereIsNotKeptForABasePathThatCannotBeRead() throws IOException {
        write("m/1/graph", "x");
        source.look();
        write("other/1/graph", "x");
        unreadable("other");
        assertThat(source.tryOut(Map.of("m", root.resolve("other"))))
                .hasEntrySatisfying("m", found -> assertThat(found.versions()).isEmpty());
    }

    @Test
    void aLinkThatComesToLeadOutTakesItsVersionAway() throws IOException {
        write("../outside/graph", "secret");
        write("m/1/graph", "x");
        source.look();
        Files.createSymbolicLink(root.resolve("m/1/data"), root.resolve("../outside/graph"));
        assertThat(versions(source.look(), "m")).isEmpty();
    }

    /** Moves a directory away and leaves something that is there and fails, also for root: a link to itself. */
    private void unreadable(String path) throws IOException {
        Path directory = root.resolve(path);
        Files.move(directory, root.resolve("../moved"));
        Files.createSymbolicLink(directory, directory);
    }

    @Test
    void aMissingRepositorySaysNothingOfItsModels(@TempDir Path directory) {
        Listing listing = new DirectorySource(directory.resolve("none")).look();
        assertThat(listing.problem()).hasValue("the model repository cannot be read: it does not exist");
    }

    @Test
    void theConfigurationFileIsTheSameUntilItChanges() throws IOException {
        write("m/1/graph", "x");
        assertThat(model(source.look(), "m").config()).isEmpty();
        write("m/model.yaml", "a");
        var first = model(source.look(), "m").config();
        assertThat(first).isPresent().isEqualTo(model(source.look(), "m").config());
        write("m/model.yaml", "ab");
        assertThat(model(source.look(), "m").config()).isNotEqualTo(first);
    }

    @Test
    void aMissingBasePathHurtsOnlyItsOwnModel() throws IOException {
        write("m/1/graph", "x");
        Listing listing = source.serve(Map.of("a", root.resolve("m"), "ghost", root.resolve("none")));
        assertThat(versions(listing, "a")).containsExactly(1L);
        assertThat(model(listing, "ghost").problems())
                .containsExactly("its directory cannot be read: it does not exist");
        assertThat(versions(source.look(), "a")).containsExactly(1L);
    }

    @Test
    void whatIsNotServedAnyMoreIsStillSeen() throws IOException {
        write("a/1/graph", "x");
        write("b/2/graph", "x");
        write("b/10/graph", "x");
        write("empty/notes", "x");
        assertThat(source.look().others()).isEmpty();
        Listing listing = source.serve(Map.of("a", root.resolve("a")));
        assertThat(listing.others())
                .isEqualTo(Map.of("b", new TreeSet<>(List.of(2L, 10L)), "empty", new TreeSet<Long>()));
        assertThat(listing.models()).containsOnlyKeys("a");

        write("c/1/graph", "x");
        assertThat(source.look().others()).containsOnlyKeys("b", "c", "empty");
        assertThat(source.lookAt("b")).isPresent();
        assertThat(source.look().others()).containsOnlyKeys("c", "empty");
    }

    @Test
    void aRepositoryThatCannotBeReadDoesNotHideWhatIsServedElsewhere() throws IOException {
        write("b/1/graph", "x");
        write("../elsewhere/1/graph", "x");
        assertThat(source.serve(Map.of("a", root.resolveSibling("elsewhere"))).others())
                .containsOnlyKeys("b");
        Files.move(root, root.resolveSibling("moved"));
        Files.createSymbolicLink(root, root);
        Listing listing = source.look();
        assertThat(listing.problem()).isEmpty();
        assertThat(versions(listing, "a")).containsExactly(1L);
        assertThat(listing.others()).containsOnlyKeys("b");
    }

    @Test
    void thereIsNothingElseWithoutARepository() throws IOException {
        write("b/1/graph", "x");
        Listing listing = DirectorySource.withoutRepository().serve(Map.of("b", root.resolve("b")));
        assertThat(listing.others()).isEmpty();
    }

    @Test
    void tryingOutChangesNothing() throws IOException {
        write("m/1/graph", "x");
        source.look();
        write("m/2/graph", "x");
        assertThat(source.tryOut(Map.of("m", root.resolve("m"))))
                .hasEntrySatisfying("m", found -> assertThat(found.versions()).containsOnlyKeys(1L, 2L));
        assertThat(versions(source.look(), "m")).containsExactly(1L);
    }
}
