package dev.larder.operator.mirroredimage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.Names;
import dev.larder.operator.registrycache.desired.Revision;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes of each group that images are kept on, as one file for all node caches: they know no labels. A node is of a group
 * while its labels say so, once it has a node cache: a node cache that restarts moves nothing. Guarded by the
 * {@link TableWriter} whose it is.
 */
final class NodeGroups implements TableObject {

    private static final Logger LOG = LoggerFactory.getLogger(NodeGroups.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_BYTES = TagTable.MAX_BYTES;
    /** Of a group beside its bits, and of a node beside its name. */
    private static final int GROUP_BYTES = 60;

    private static final int NAME_BYTES = 3;
    private static final int BITS_IN_A_CHARACTER = 6;

    /** The nodes in order of their names. */
    private final Map<String, Set<String>> groups = new TreeMap<>();

    /** Of each group, the RegistryCaches that are there now: their uids by name. */
    private final Map<String, Map<String, String>> owners = new TreeMap<>();

    private final Writing writing = new Writing(false);

    /**
     * Where a resource's group stands.
     *
     * @param chosen false when all nodes keep the images
     * @param members of the group
     * @param revisions of the file, those that have the members as they are now
     * @param leftOut because the file is full
     */
    record Place(boolean chosen, Set<String> members, Set<String> revisions, boolean leftOut) {

        static final Place EVERYWHERE = new Place(false, Set.of(), Set.of(), false);

        Place {
            members = Set.copyOf(members);
            revisions = Set.copyOf(revisions);
        }
    }

    @Override
    public String name() {
        return Names.MIRROR_NODES;
    }

    @Override
    public Writing writing() {
        return writing;
    }

    /** Goes on from what an operator before has written. */
    void load(String text, Instant now) {
        try {
            JsonNode file = JSON.readTree(text);
            List<String> nodes = new ArrayList<>();
            file.path("nodes").forEach(node -> nodes.add(node.asText()));
            Map<String, Set<String>> read = new TreeMap<>();
            for (JsonNode group : file.path("groups")) {
                Set<String> members = new TreeSet<>();
                BitSet.valueOf(Base64.getDecoder().decode(group.path("members").asText())).stream()
                        .mapToObj(nodes::get)
                        .forEach(members::add);
                read.put(group.path("name").asText(), members);
            }
            groups.putAll(read);
            groups.keySet().forEach(writing::changed);
            Rendered rendered = render();
            if (rendered.revision().equals(file.path("revision").asText())) {
                writing.begins();
                writing.isThere(rendered.revision(), rendered.contents(), now);
            }
        } catch (JsonProcessingException | IllegalArgumentException | IndexOutOfBoundsException e) {
            LOG.warn("{} is not what an operator writes, and is written anew: {}", name(), e.getMessage());
        }
    }

    void put(NodeGroup group) {
        if (group.name().isEmpty()) {
            return;
        }
        Set<String> before = groups.getOrDefault(group.name(), new TreeSet<>());
        Set<String> members = new TreeSet<>(group.selected());
        members.removeIf(node -> !group.running().contains(node) && !before.contains(node));
        if (!groups.containsKey(group.name()) || !members.equals(before)) {
            groups.put(group.name(), members);
            writing.changed(group.name());
        }
        owners.put(group.name(), group.caches());
    }

    /** Drops the groups that no resource has any more. */
    void retain(Set<String> names) {
        Set<String> unused = new TreeSet<>(groups.keySet());
        unused.removeAll(names);
        unused.forEach(name -> {
            groups.remove(name);
            owners.remove(name);
            writing.gone(name);
        });
    }

    Place place(String group) {
        if (group.isEmpty()) {
            return Place.EVERYWHERE;
        }
        Set<String> members = groups.getOrDefault(group, new TreeSet<>());
        if (writing.isChanged(group)) {
            return new Place(true, members, Set.of(), false);
        }
        Optional<Set<String>> revisions = writing.revisionsWith(group);
        return new Place(true, members, revisions.orElse(Set.of()), revisions.isEmpty());
    }

    @Override
    public Rendered render() {
        Map<String, Set<String>> fitting = fitting();
        // Without a RegistryCache nobody reads it, and nothing would take it along.
        if (fitting.isEmpty() || references().isEmpty()) {
            return new Rendered(Map.of(), List.of(), "", Map.of());
        }
        List<String> nodes = fitting.values().stream()
                .flatMap(Set::stream)
                .distinct()
                .sorted()
                .toList();
        Map<String, Integer> numbers = new LinkedHashMap<>();
        nodes.forEach(node -> numbers.put(node, numbers.size()));
        List<Map<String, String>> rendered = new ArrayList<>();
        Map<String, String> contents = new TreeMap<>();
        fitting.forEach((name, members) -> {
            BitSet bits = new BitSet(nodes.size());
            members.forEach(node -> bits.set(numbers.getOrDefault(node, 0)));
            rendered.add(new TreeMap<>(
                    Map.of("name", name, "members", Base64.getEncoder().encodeToString(bits.toByteArray()))));
            contents.put(name, Revision.of(members.toString()));
        });
        String body = "\"nodes\":" + json(nodes) + ",\n\"groups\":" + json(rendered) + "}\n";
        String revision = Revision.of(body);
        String text = "{\"version\":1,\"revision\":\"" + revision + "\",\n" + body;
        return new Rendered(Map.of(Names.NODES_FILE, text), references(), revision, contents);
    }

    /** In order of their names, without those that the file has no room for. */
    private Map<String, Set<String>> fitting() {
        long all = groups.values().stream().flatMap(Set::stream).distinct().count();
        long bits = all / BITS_IN_A_CHARACTER + GROUP_BYTES;
        Map<String, Set<String>> fitting = new TreeMap<>();
        Set<String> named = new HashSet<>();
        long bytes = 0;
        for (Map.Entry<String, Set<String>> group : groups.entrySet()) {
            List<String> more = group.getValue().stream()
                    .filter(node -> !named.contains(node))
                    .toList();
            long added = bits
                    + more.stream()
                            .mapToLong(node -> node.length() + NAME_BYTES)
                            .sum();
            if (bytes + added <= MAX_BYTES) {
                bytes += added;
                named.addAll(more);
                fitting.put(group.getKey(), group.getValue());
            }
        }
        return fitting;
    }

    private List<OwnerReference> references() {
        Map<String, String> caches = new TreeMap<>();
        owners.values().forEach(caches::putAll);
        return caches.entrySet().stream()
                .map(cache -> new OwnerReferenceBuilder()
                        .withApiVersion(RegistryCache.GROUP + "/" + RegistryCache.VERSION)
                        .withKind(RegistryCache.KIND)
                        .withName(cache.getKey())
                        .withUid(cache.getValue())
                        .build())
                .toList();
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lists of text can always be written", e);
        }
    }
}
