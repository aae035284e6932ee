package dev.larder.nodecache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictFileTest {

    private static final Instant SINCE = Instant.ofEpochSecond(1_764_000_000);

    @TempDir
    Path folder;

    private final List<VerdictRecord> records = new ArrayList<>();
    private final List<VerdictRecord> takenUp = new ArrayList<>();
    private boolean changed;

    private static VerdictRecord record(int number) {
        RepositoryKey key =
                new RepositoryKey(new RegistryHost("registry.test:5000"), new RepositoryName("team/app-" + number));
        return new VerdictRecord(key, "%032x".formatted(number), SINCE, SINCE.plus(Duration.ofHours(24)));
    }

    /** As after a start. */
    private VerdictFile open() throws IOException {
        Files.createDirectories(folder.resolve("v1"));
        takenUp.clear();
        VerdictFile file = new VerdictFile(new DiskBlobStore(folder, new SettableClock()));
        file.keep(new VerdictFile.Kept() {
            @Override
            public void takeUp(List<VerdictRecord> kept) {
                takenUp.addAll(kept);
            }

            @Override
            public boolean hasChanged() {
                boolean was = changed;
                changed = false;
                return was;
            }

            @Override
            public List<VerdictRecord> all() {
                return records;
            }
        });
        file.open();
        return file;
    }

    private void write(VerdictFile file) {
        changed = true;
        file.tend();
    }

    private Path path(String name) {
        return folder.resolve("v1").resolve(name);
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void records_areThereAfterARestart_readableForTheirOwnerOnly() throws Exception {
        records.add(record(1));
        records.add(record(2));
        VerdictFile first = open();
        assertThat(takenUp).isEmpty();
        write(first);
        VerdictFile next = open();
        assertThat(takenUp).isEqualTo(records);
        assertThat(next.key()).isEqualTo(first.key());
        assertThat(permissions(path("verdicts"))).isEqualTo("rw-------");
        assertThat(permissions(path("identity.key"))).isEqualTo("rw-------");
        try (var files = Files.list(folder.resolve("v1"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("verdicts", "identity.key");
        }
    }

    @Test
    void nothingNew_isNotWritten() throws Exception {
        VerdictFile file = open();
        write(file);
        Files.delete(path("verdicts"));
        file.tend();
        file.close();
        assertThat(path("verdicts")).doesNotExist();
    }

    @Test
    void anyDamage_meansThatNobodyWasLetIn() throws Exception {
        records.add(record(1));
        write(open());
        byte[] good = Files.readAllBytes(path("verdicts"));
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(path("verdicts"), bad);
            open();
            assertThat(takenUp).as("byte " + at).isEmpty();
            Files.write(path("verdicts"), Arrays.copyOf(good, at));
            open();
            assertThat(takenUp).as("cut at " + at).isEmpty();
        }
        Files.write(
                path("verdicts"), (new String(good, StandardCharsets.UTF_8) + "x").getBytes(StandardCharsets.UTF_8));
        open();
        assertThat(takenUp).isEmpty();
        Files.write(path("verdicts"), new byte[5 << 20]);
        open();
        assertThat(takenUp).isEmpty();
        Files.write(path("verdicts"), good);
        open();
        assertThat(takenUp).isEqualTo(records);
    }

    @Test
    void keyThatIsBad_orOpenToOthers_isReplaced_andOpensNothing() throws Exception {
        records.add(record(1));
        for (String damage : List.of("short", "open", "gone", "link")) {
            write(open());
            Path key = path("identity.key");
            byte[] before = Files.readAllBytes(key);
            switch (damage) {
                case "short" -> Files.write(key, new byte[31]);
                case "open" -> Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
                case "gone" -> Files.delete(key);
                default -> {
                    Path elsewhere = Files.write(folder.resolve("elsewhere"), before);
                    Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rw-------"));
                    Files.delete(key);
                    Files.createSymbolicLink(key, elsewhere);
                }
            }
            VerdictFile next = open();
            assertThat(takenUp).as(damage).isEmpty();
            assertThat(Files.readAllBytes(key)).as(damage).hasSize(32).isNotEqualTo(before);
            assertThat(Files.isSymbolicLink(key)).isFalse();
            assertThat(permissions(key)).isEqualTo("rw-------");
            // The next look writes it anew, so that the start after that finds nothing odd.
            next.tend();
            open();
            assertThat(takenUp).as(damage).isEqualTo(records);
        }
    }
}
