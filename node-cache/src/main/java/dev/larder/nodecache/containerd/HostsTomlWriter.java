package dev.larder.nodecache.containerd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Puts hosts.toml files into the root and takes them away again. Owns only what carries its marker or one of its names
 * ({@link OwnNames}); whatever else was there comes back as the same file. Works from what is on the disk each time, so
 * it may be killed at any moment and started again. Not for several threads.
 */
final class HostsTomlWriter {

    private static final String MARKER_TEXT =
            "Larder made this folder and removes it when nothing else is left in it.\n";

    /** How a registry stands after a call; {@code foreign}: somebody else's content is kept. */
    record Placed(boolean present, boolean foreign, String message) {}

    /** An entry that was found in place, how the files about it stood then, and how often that may be relied on. */
    private record Done(HostsEntry entry, Placed placed, Stamps stamps, int uses) {
        Done used() {
            return new Done(entry, placed, stamps, uses - 1);
        }
    }

    /** Stamps have a grain, so every so many times they are not relied on. */
    private static final int USES_OF_STAMPS = 10;

    private final Map<String, Done> done = new HashMap<>();
    private final Path root;
    private final Path shownRoot;
    private final String resource;
    private final Predicate<String> abandoned;
    private final DiskSteps disk;

    /**
     * @param root the folder as seen from here, no symlink on the way to it
     * @param shownRoot the same as the node's administrator knows it, for messages
     * @param resource letters, digits, dots and dashes only
     * @param abandoned whether no writer keeps a file of another resource any more, by the cache URL it names
     */
    HostsTomlWriter(Path root, Path shownRoot, String resource, Predicate<String> abandoned, DiskSteps disk) {
        this.root = root;
        this.shownRoot = shownRoot;
        this.resource = resource;
        this.abandoned = abandoned;
        this.disk = disk;
    }

    /** Makes the registry's pulls go to the cache first. Costs a few looks when they already do. */
    Placed write(HostsEntry entry) throws IOException {
        HostsFolderNames names = HostsFolderNames.of(entry.registry());
        Stamps before = stamps(names);
        Done last = done.get(entry.registry());
        if (last != null
                && last.uses() > 0
                && last.entry().equals(entry)
                && last.stamps().equals(before)) {
            done.put(entry.registry(), last.used());
            return last.placed();
        }
        done.remove(entry.registry());
        Placed placed = writeAnew(entry, names);
        if (placed.present()) {
            // stamps from before the check: whatever moved since, by us or by others, is looked at next time
            done.put(entry.registry(), new Done(entry, placed, before, USES_OF_STAMPS));
        }
        return placed;
    }

    private Stamps stamps(HostsFolderNames names) throws IOException {
        List<Path> paths = new ArrayList<>();
        for (String name : names.names()) {
            Path folder = root.resolve(name);
            paths.add(folder);
            paths.add(folder.resolve(OwnNames.HOSTS_TOML));
            paths.add(folder.resolve(OwnNames.original(resource)));
        }
        paths.add(root.resolve(HostsFolderNames.DEFAULT));
        paths.add(root.resolve(HostsFolderNames.DEFAULT).resolve(OwnNames.HOSTS_TOML));
        return Stamps.of(paths);
    }

    private Placed writeAnew(HostsEntry entry, HostsFolderNames names) throws IOException {
        for (String name : names.names()) {
            Path path = root.resolve(name);
            if (DiskSteps.exists(path) && !DiskSteps.isFolder(path)) {
                return refused(shownRoot.resolve(name) + " is a link or a file, not a folder; Larder leaves it alone");
            }
        }
        String target = target(names);
        HostsFolder folder = folder(target);
        Optional<Placed> refusal = adoptOrRefuse(folder, entry, target);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        boolean made = !folder.exists() || folder.allOurs();
        ForeignContent foreign = made
                ? defaultFolder()
                : folder.foreign(shownRoot.resolve(target).resolve(OwnNames.HOSTS_TOML));
        return switch (foreign) {
            case ForeignContent.Unreadable(String reason) -> refused(reason);
            case ForeignContent.None() -> place(names, target, HostsToml.fresh(resource, entry), trust(entry), false);
            case ForeignContent.Text(String toml) ->
                switch (HostsToml.merged(resource, entry, toml)) {
                    case HostsToml.Merge.Merged(String text) -> place(names, target, text, cacheTrust(entry), true);
                    case HostsToml.Merge.Unusable(String reason) ->
                        refused(shownRoot
                                        .resolve(made ? HostsFolderNames.DEFAULT : target)
                                        .resolve(OwnNames.HOSTS_TOML) + ": " + reason
                                + ". Larder leaves it as it is; mend or remove it");
                };
        };
    }

    private static Placed refused(String reason) {
        return new Placed(false, true, reason);
    }

    /** The folder containerd uses without us; else the one we have; else the one we make. */
    private String target(HostsFolderNames names) throws IOException {
        String ours = names.made();
        for (String name : names.names().reversed()) {
            if (folder(name).exists()) {
                ours = name;
            }
        }
        for (String name : names.names()) {
            if (folder(name).exists() && !folder(name).allOurs()) {
                return name;
            }
        }
        return ours;
    }

    private Optional<Placed> adoptOrRefuse(HostsFolder folder, HostsEntry entry, String name) throws IOException {
        Optional<String> owner = folder.owner().filter(other -> !other.equals(resource));
        if (owner.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> url = folder.currentText().flatMap(HostsToml::cacheUrl);
        if (url.equals(Optional.of(entry.cacheUrl())) || url.filter(abandoned).isPresent()) {
            folder.adopt(owner.get());
            return Optional.empty();
        }
        return Optional.of(refused(shownRoot.resolve(name).resolve(OwnNames.HOSTS_TOML) + " is kept by RegistryCache "
                + owner.get() + "; a registry can be in one RegistryCache of a node only"));
    }

    /** {@code _default} is what containerd uses for a registry without a folder, until we make one. */
    private ForeignContent defaultFolder() throws IOException {
        Path folder = root.resolve(HostsFolderNames.DEFAULT);
        if (!DiskSteps.exists(folder)) {
            return new ForeignContent.None();
        }
        if (!DiskSteps.isFolder(folder)) {
            return new ForeignContent.Unreadable(
                    shownRoot.resolve(HostsFolderNames.DEFAULT) + " is a link or a file, not a folder");
        }
        return DefaultFolder.content(folder, shownRoot.resolve(HostsFolderNames.DEFAULT));
    }

    private Placed place(HostsFolderNames names, String target, String text, Map<String, String> trust, boolean foreign)
            throws IOException {
        HostsFolder folder = folder(target);
        if (folder.exists()) {
            Optional<String> other = folder.owner().filter(owner -> !owner.equals(resource));
            folder.put(text, trust);
            if (other.isPresent()) {
                folder.forget(other.get());
            }
        } else {
            makeRoot();
            Path fresh = makeMarked(root, target);
            new HostsFolder(fresh, resource, disk).put(text, trust);
            disk.rename(fresh, root.resolve(target));
            disk.sync(root);
        }
        for (String name : names.names()) {
            if (!name.equals(target) && folder(name).exists()) {
                restoreFolder(name);
            }
        }
        return new Placed(true, foreign, "");
    }

    private Map<String, String> cacheTrust(HostsEntry entry) {
        return entry.cacheTrust()
                .map(ca -> Map.of(ca.fileName(resource), ca.pem()))
                .orElse(Map.of());
    }

    private Map<String, String> trust(HostsEntry entry) {
        Map<String, String> files = new LinkedHashMap<>(cacheTrust(entry));
        for (HostsUpstream upstream : entry.upstreams()) {
            if (upstream.https()) {
                upstream.ca().ifPresent(ca -> files.put(ca.fileName(resource), ca.pem()));
            }
        }
        return files;
    }

    /** Takes our entries out of every folder but those of the registries to keep; with none to keep, the root too. */
    void restoreAllBut(List<String> registries) throws IOException {
        if (!DiskSteps.isFolder(root)) {
            removeRoot();
            return;
        }
        done.keySet().retainAll(registries);
        List<String> kept = registries.stream()
                .flatMap(registry -> HostsFolderNames.of(registry).names().stream())
                .toList();
        for (String name : DiskSteps.names(root)) {
            if (!DiskSteps.isFolder(root.resolve(name)) || kept.contains(name)) {
                continue;
            }
            if (OwnNames.isPassingFolder(name, resource)) {
                folder(name).discard(root.resolve(OwnNames.placeOf(name, resource)));
            } else {
                restoreFolder(name);
            }
        }
        if (registries.isEmpty()) {
            disk.sync(root);
            removeRoot();
        }
    }

    private void restoreFolder(String name) throws IOException {
        Path aside = root.resolve(OwnNames.oldFolder(resource, name));
        if (DiskSteps.exists(aside)) {
            new HostsFolder(aside, resource, disk).discard(root.resolve(name));
        }
        folder(name).restore(aside);
    }

    private HostsFolder folder(String name) {
        return new HostsFolder(root.resolve(name), resource, disk);
    }

    /** Each missing folder on the way is made under a passing name, so that none stands there without its marker. */
    private void makeRoot() throws IOException {
        Path existing = root;
        while (!DiskSteps.exists(existing)) {
            existing = parent(existing);
        }
        for (Path part : existing.relativize(root)) {
            if (part.toString().isEmpty()) {
                continue;
            }
            Path fresh = makeMarked(existing, part.toString());
            disk.rename(fresh, existing.resolve(part));
            disk.sync(existing);
            existing = existing.resolve(part);
        }
    }

    private Path makeMarked(Path parent, String name) throws IOException {
        Path fresh = parent.resolve(OwnNames.newFolder(resource, name));
        if (DiskSteps.exists(fresh)) {
            new HostsFolder(fresh, resource, disk).discard(parent.resolve(name));
        }
        disk.makeFolder(fresh);
        disk.write(fresh.resolve(OwnNames.FOLDER_MARKER), MARKER_TEXT.getBytes(StandardCharsets.UTF_8));
        return fresh;
    }

    /** The root, and the folders above it that we made, as long as nothing but our marker is in them. */
    private void removeRoot() throws IOException {
        for (Path folder = root; folder.getParent() != null; folder = parent(folder)) {
            Path parent = parent(folder);
            String name = String.valueOf(folder.getFileName());
            Path aside = parent.resolve(OwnNames.oldFolder(resource, name));
            for (Path left : List.of(aside, parent.resolve(OwnNames.newFolder(resource, name)))) {
                if (DiskSteps.isFolder(left)) {
                    new HostsFolder(left, resource, disk).discard(folder);
                }
            }
            if (DiskSteps.exists(folder)) {
                if (!DiskSteps.names(folder).equals(List.of(OwnNames.FOLDER_MARKER))) {
                    leave(folder);
                    return;
                }
                disk.rename(folder, aside);
                new HostsFolder(aside, resource, disk).discard(folder);
                disk.sync(parent);
            }
        }
    }

    /** A folder that others use now is theirs, unless the others are Larder's too. */
    private void leave(Path folder) throws IOException {
        for (String name : DiskSteps.names(folder)) {
            boolean passing = OwnNames.isOurs(name) && !name.equals(OwnNames.FOLDER_MARKER);
            if (passing
                    || new HostsFolder(folder.resolve(name), resource, disk)
                            .owner()
                            .isPresent()) {
                return;
            }
        }
        disk.delete(folder.resolve(OwnNames.FOLDER_MARKER));
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }
}
