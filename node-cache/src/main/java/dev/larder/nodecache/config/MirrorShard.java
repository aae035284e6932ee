package dev.larder.nodecache.config;

import dev.larder.nodecache.oci.MirroredTag;
import java.util.List;
import java.util.Map;

/**
 * One file of the tag table: some have tags, others who keeps their images.
 *
 * @param revision any text; reported back so that the file's writer knows what has been loaded
 * @param groups of nodes, by their names
 * @param problems when not empty, the rest means nothing
 */
public record MirrorShard(
        String revision,
        List<MirroredTag> tags,
        List<KeepRule> rules,
        Map<String, List<String>> groups,
        List<Problem> problems) {

    public MirrorShard {
        tags = List.copyOf(tags);
        rules = List.copyOf(rules);
        groups = Map.copyOf(groups);
        problems = List.copyOf(problems);
    }

    static MirrorShard wrong(String revision, List<Problem> problems) {
        return new MirrorShard(revision, List.of(), List.of(), Map.of(), problems);
    }
}
