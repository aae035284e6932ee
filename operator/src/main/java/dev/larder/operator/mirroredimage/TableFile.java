package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is known of one file of the table: what belongs into it, and what has been written. Guarded by the {@link TableWriter}
 * whose it is.
 */
final class TableFile implements TableObject {

    private static final String API_VERSION = RegistryCache.GROUP + "/" + RegistryCache.VERSION;

    private final int number;
    private final Map<String, TagTable.Part> parts = new HashMap<>();
    private final Writing writing = new Writing(true);

    /**
     * Where a resource stands in the table.
     *
     * @param revisions of the file, those that have what belongs to the resource now
     * @param leftOut because the file is full
     * @param nodes those that may keep its images
     */
    record Place(int shard, Set<String> revisions, boolean leftOut, NodeGroups.Place nodes) {
        Place {
            revisions = Set.copyOf(revisions);
        }
    }

    TableFile(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    @Override
    public String name() {
        return Names.mirrorTable(number);
    }

    @Override
    public Writing writing() {
        return writing;
    }

    /** Says whether its nodes are of another group than before. */
    boolean put(TagTable.Part part) {
        TagTable.Part old = parts.put(part.name(), part);
        if (old == null ? !part.entries().isEmpty() : !old.equals(part)) {
            writing.changed(part.name());
        }
        return old != null && !old.group().equals(part.group());
    }

    void remove(String resource) {
        if (parts.remove(resource) != null) {
            writing.gone(resource);
        }
    }

    Collection<TagTable.Part> parts() {
        return parts.values();
    }

    @Override
    public Rendered render() {
        TagTable.Shard shard = TagTable.render(number, parts.values());
        Map<String, String> files = new TreeMap<>();
        if (!shard.text().isEmpty()) {
            files.put(Names.mirrorFile(number), shard.text());
        }
        if (!shard.rules().isEmpty()) {
            files.put(Names.keepFile(number), shard.rules());
        }
        return new Rendered(
                files, shard.owners().stream().map(TableFile::owner).toList(), shard.revision(), shard.contents());
    }

    private static OwnerReference owner(TagTable.Part part) {
        return new OwnerReferenceBuilder()
                .withApiVersion(API_VERSION)
                .withKind(MirroredImage.KIND)
                .withName(part.name())
                .withUid(part.uid())
                .build();
    }

    Place place(String resource, NodeGroups.Place nodes) {
        TagTable.Part part = parts.get(resource);
        if (part == null || writing.isChanged(resource)) {
            return new Place(number, Set.of(), false, nodes);
        }
        Optional<Set<String>> own = writing.revisionsWith(resource);
        // Nothing of it has to be there, unless there was no room for it.
        boolean nothing = part.entries().isEmpty();
        Set<String> without = nothing ? writing.revisions() : Set.of();
        return new Place(number, own.orElse(without), own.isEmpty() && !nothing, nodes);
    }
}
