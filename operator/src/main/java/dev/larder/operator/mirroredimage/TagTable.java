package dev.larder.operator.mirroredimage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.crds.v1alpha1.KeptOnNodesSpec;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.ServedDigest;
import dev.larder.operator.registrycache.desired.Names;
import dev.larder.operator.registrycache.desired.Revision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the nodes answer mirrored tags with, as the files that they read: pure. A repository is always in the same file, so
 * that a change changes one file, and two resources that claim one tag meet there: the older one has it.
 */
final class TagTable {

    /** Below what a ConfigMap may hold, and with the references to its owners below what one request may. */
    static final int MAX_BYTES = 900 << 10;

    /** What the ConfigMap has of each owner beside the file. */
    private static final int OWNER_BYTES = 256;

    /** Earlier digests that a node keeps, so that a way back needs no upstream. */
    private static final int KEPT_BEFORE = 5;

    private static final ObjectMapper JSON = new ObjectMapper();

    private TagTable() {}

    /**
     * One resource's part.
     *
     * @param created the older of two resources wins
     * @param group of nodes that may keep its images; empty for all
     * @param rule who keeps them, as the node caches read it; empty when every node does, at once
     */
    record Part(
            String name,
            String uid,
            String created,
            String source,
            List<String> platforms,
            boolean open,
            List<Entry> entries,
            String group,
            String rule) {

        static final Comparator<Part> OLDEST_FIRST =
                Comparator.comparing(Part::created).thenComparing(Part::name);

        Part {
            platforms = List.copyOf(platforms);
            entries = List.copyOf(entries);
        }

        static Part of(MirroredImage image, List<MirroredTagStatus> tags, boolean open) {
            return new Part(
                    image.getMetadata().getName(),
                    String.valueOf(image.getMetadata().getUid()),
                    String.valueOf(image.getMetadata().getCreationTimestamp()),
                    image.getSpec().source(),
                    image.getSpec().platforms(),
                    open,
                    tags.stream()
                            .filter(tag -> tag.servedDigest() != null)
                            .map(Entry::of)
                            .toList(),
                    NodeGroup.name(image.getSpec().to().nodes(), image.getSpec().source()),
                    TagTable.rule(image));
        }

        int shard() {
            return shardOf(source);
        }
    }

    record Entry(String tag, String digest, List<String> before) {
        Entry {
            before = List.copyOf(before);
        }

        static Entry of(MirroredTagStatus tag) {
            String served = String.valueOf(tag.servedDigest());
            return new Entry(
                    tag.tag(),
                    served,
                    tag.history().stream()
                            .map(ServedDigest::digest)
                            .filter(digest -> !digest.equals(served))
                            .distinct()
                            .limit(KEPT_BEFORE)
                            .toList());
        }
    }

    /**
     * One file.
     *
     * @param text empty when there is nothing to say
     * @param rules another file's, written together with it; empty when every node keeps everything
     * @param owners those that have something in it
     * @param contents a short name for what each resource has in it, without those that no longer fit
     */
    record Shard(
            int number, String text, String rules, String revision, List<Part> owners, Map<String, String> contents) {
        Shard {
            owners = List.copyOf(owners);
            contents = Map.copyOf(contents);
        }
    }

    static int shardOf(String source) {
        return Math.floorMod(source.hashCode(), Names.MIRROR_SHARDS);
    }

    /** @param parts of this shard, in any order */
    static Shard render(int number, Collection<Part> parts) {
        List<String> images = new ArrayList<>();
        List<String> rules = new ArrayList<>();
        List<Part> owners = new ArrayList<>();
        Map<String, String> contents = new HashMap<>();
        Map<String, Set<String>> taken = new HashMap<>();
        int bytes = 0;
        for (Part part : parts.stream().sorted(Part.OLDEST_FIRST).toList()) {
            Set<String> tags = taken.computeIfAbsent(part.source(), source -> new HashSet<>());
            List<Entry> free = part.entries().stream()
                    .filter(entry -> !tags.contains(entry.tag()))
                    .toList();
            if (free.isEmpty()) {
                contents.put(part.name(), "");
                continue;
            }
            String image = image(part, free);
            int size = image.length() + part.rule().length() + OWNER_BYTES;
            if (bytes + size > MAX_BYTES) {
                continue;
            }
            free.forEach(entry -> tags.add(entry.tag()));
            bytes += size;
            contents.put(part.name(), Revision.of(image + part.rule()));
            images.add(image);
            if (!part.rule().isEmpty()) {
                rules.add(part.rule());
            }
            owners.add(part);
        }
        if (images.isEmpty()) {
            return new Shard(number, "", "", "", owners, contents);
        }
        String body = "\"images\":[\n" + String.join(",\n", images) + "\n]}\n";
        String keep = rules.isEmpty() ? "" : "{\"version\":1,\"keep\":[\n" + String.join(",\n", rules) + "\n]}\n";
        // Of both: who has reported it has the rules too.
        String revision = Revision.of(body + keep);
        String text = "{\"version\":1,\"revision\":\"" + revision + "\"," + body;
        return new Shard(number, text, keep, revision, owners, contents);
    }

    private static String rule(MirroredImage image) {
        KeptOnNodesSpec wanted = image.getSpec().to().nodes();
        Map<String, Object> rule = new LinkedHashMap<>();
        rule.put("resource", image.getMetadata().getName());
        if (wanted.chooses()) {
            rule.put("group", NodeGroup.name(wanted, image.getSpec().source()));
        }
        if (wanted.keep().getIntVal() != null) {
            rule.put("most", wanted.most());
        }
        if (wanted.bandwidth() != null) {
            rule.put("bandwidth", wanted.bandwidth());
        }
        if (!Durations.parse(wanted.spread()).isZero()) {
            rule.put("spread", wanted.spread());
        }
        return rule.size() == 1 ? "" : json(rule);
    }

    /** Plain ASCII: names, tags and digests have nothing else. */
    private static String image(Part part, List<Entry> entries) {
        Map<String, Object> image = new LinkedHashMap<>();
        image.put("resource", part.name());
        image.put("image", part.source());
        image.put("open", part.open());
        image.put("platforms", part.platforms());
        image.put("tags", entries);
        return json(image);
    }

    private static String json(Map<String, Object> value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists and text can always be written", e);
        }
    }
}
