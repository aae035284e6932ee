package dev.larder.nodecache.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One folder of the root, as one resource's writer sees and changes it. Holds nothing: each call looks at the disk, so
 * that after a crash, or after somebody's hand, it goes on from what is really there. Not for several threads.
 */
final class HostsFolder {

    private final Path folder;
    private final String resource;
    private final DiskSteps disk;

    HostsFolder(Path folder, String resource, DiskSteps disk) {
        this.folder = folder;
        this.resource = resource;
        this.disk = disk;
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private Path hostsToml() {
        return file(OwnNames.HOSTS_TOML);
    }

    private Path original() {
        return file(OwnNames.original(resource));
    }

    boolean exists() {
        return DiskSteps.exists(folder);
    }

    /** Whether we made it and nothing but ours is in it. */
    boolean allOurs() throws IOException {
        return DiskSteps.isFile(file(OwnNames.FOLDER_MARKER))
                && !DiskSteps.exists(original())
                && DiskSteps.names(folder).stream().allMatch(this::ourName)
                && (!DiskSteps.exists(hostsToml())
                        || owner().filter(resource::equals).isPresent());
    }

    private boolean ourName(String name) {
        return name.equals(OwnNames.FOLDER_MARKER) || name.equals(OwnNames.HOSTS_TOML) || passing(name);
    }

    private boolean passing(String name) {
        return name.equals(OwnNames.fresh(resource))
                || name.equals(OwnNames.link(resource))
                || OwnNames.isCa(name, resource);
    }

    /** Whether anything of ours is in it. */
    boolean touched() throws IOException {
        return DiskSteps.exists(original())
                || DiskSteps.names(folder).stream().anyMatch(this::passing)
                || owner().filter(resource::equals).isPresent()
                || (DiskSteps.isFile(file(OwnNames.FOLDER_MARKER))
                        && owner().map(resource::equals).orElse(true));
    }

    /** The resource whose hosts.toml stands here; empty when there is none, or it is not of our making. */
    Optional<String> owner() throws IOException {
        return currentText().flatMap(HostsToml::owner);
    }

    /** The text of a hosts.toml that could be ours. */
    Optional<String> currentText() throws IOException {
        if (!DiskSteps.isFile(hostsToml()) || Files.size(hostsToml()) > ForeignContent.MAX_BYTES) {
            return Optional.empty();
        }
        return Optional.of(new String(Files.readAllBytes(hostsToml()), StandardCharsets.UTF_8));
    }

    /** Whether hosts.toml is there and none of ours. */
    boolean foreignInPlace() throws IOException {
        return DiskSteps.exists(hostsToml()) && owner().isEmpty();
    }

    /**
     * What this folder says without us.
     *
     * @param shown its hosts.toml as the administrator knows it
     */
    ForeignContent foreign(Path shown) throws IOException {
        boolean inPlace = foreignInPlace();
        if (inPlace || DiskSteps.exists(original())) {
            ForeignContent content = ForeignContent.ofFile(inPlace ? hostsToml() : original(), shown);
            if (!(content instanceof ForeignContent.Text text) || !text.toml().isEmpty()) {
                return content;
            }
        }
        List<String> plainFiles = DiskSteps.names(folder).stream()
                .filter(name -> !DiskSteps.isFolder(file(name)))
                .toList();
        return ForeignContent.ofCertificates(plainFiles, "")
                .<ForeignContent>map(ForeignContent.Text::new)
                .orElseGet(ForeignContent.None::new);
    }

    /** Puts our file in place, keeping one that is not ours as the original. Does nothing when all is as it should be. */
    void put(String text, Map<String, String> trust) throws IOException {
        for (Map.Entry<String, String> bundle : trust.entrySet()) {
            // before the file that names it: containerd fails a pull over a file that is not there
            if (!DiskSteps.isFile(file(bundle.getKey()))) {
                Path fresh = file(OwnNames.fresh(resource));
                disk.write(fresh, bundle.getValue().getBytes(StandardCharsets.UTF_8));
                disk.rename(fresh, file(bundle.getKey()));
            }
        }
        if (!currentText().equals(Optional.of(text))) {
            disk.write(file(OwnNames.fresh(resource)), text.getBytes(StandardCharsets.UTF_8));
            if (foreignInPlace()) {
                keepOriginal();
            }
            disk.rename(file(OwnNames.fresh(resource)), hostsToml());
            disk.sync(folder);
        }
        for (String name : DiskSteps.names(folder)) {
            if (passing(name) && !trust.containsKey(name)) {
                disk.delete(file(name));
            }
        }
    }

    private void keepOriginal() throws IOException {
        if (DiskSteps.exists(original()) && sameFile()) {
            return; // an earlier run came just so far
        }
        Path link = file(OwnNames.link(resource));
        // by way of a third name: a link cannot replace, and a rename between two names of one file does nothing
        if (disk.link(hostsToml(), link)) {
            disk.rename(link, original());
        } else {
            disk.rename(hostsToml(), original());
        }
    }

    private boolean sameFile() throws IOException {
        Object one = Files.readAttributes(hostsToml(), "unix:ino,dev", java.nio.file.LinkOption.NOFOLLOW_LINKS);
        Object other = Files.readAttributes(original(), "unix:ino,dev", java.nio.file.LinkOption.NOFOLLOW_LINKS);
        return one.equals(other);
    }

    /** Takes over what another resource, known to be gone, left here. */
    void adopt(String other) throws IOException {
        Path theirs = file(OwnNames.original(other));
        if (DiskSteps.exists(theirs)) {
            disk.rename(theirs, original());
        }
        for (String name : DiskSteps.names(folder)) {
            if (name.equals(OwnNames.fresh(other)) || name.equals(OwnNames.link(other))) {
                disk.delete(file(name));
            }
        }
    }

    /** Removes trust files of a resource whose hosts.toml is no longer here. */
    void forget(String other) throws IOException {
        for (String name : DiskSteps.names(folder)) {
            if (OwnNames.isCa(name, other)) {
                disk.delete(file(name));
            }
        }
    }

    /**
     * Makes the folder what it was: the original under its own name again, or no hosts.toml, or no folder.
     *
     * @param aside where the folder goes, in one step, before it is emptied: one that is empty hides {@code _default}
     */
    void restore(Path aside) throws IOException {
        if (!touched()) {
            return;
        }
        if (allOurs()) {
            disk.rename(folder, aside);
            new HostsFolder(aside, resource, disk).discard(folder);
            return;
        }
        boolean ours = owner().filter(resource::equals).isPresent();
        if (DiskSteps.exists(original())) {
            if (ours || !DiskSteps.exists(hostsToml())) {
                disk.rename(original(), hostsToml());
            } else if (owner().isEmpty()) {
                disk.delete(original()); // the very same file, or one that somebody wrote in its place since
            }
        } else if (ours) {
            disk.delete(hostsToml());
        }
        for (String name : DiskSteps.names(folder)) {
            if (passing(name)) {
                disk.delete(file(name));
            }
        }
        if (owner().isEmpty()) {
            disk.delete(file(OwnNames.FOLDER_MARKER)); // it has become somebody else's
        }
        disk.sync(folder);
    }

    /**
     * Empties and removes a folder that is out of place already; when somebody's hand was quicker and put something
     * into it, it goes back to where it was.
     */
    void discard(Path place) throws IOException {
        if (!DiskSteps.names(folder).stream().allMatch(this::ourName) && !DiskSteps.exists(place)) {
            disk.rename(folder, place);
            return;
        }
        // the marker last: while it is there, a next run knows whose folder this is
        for (String name : DiskSteps.names(folder)) {
            if (ourName(name) && !name.equals(OwnNames.FOLDER_MARKER)) {
                disk.delete(file(name));
            }
        }
        disk.delete(file(OwnNames.FOLDER_MARKER));
        disk.delete(folder);
    }
}
