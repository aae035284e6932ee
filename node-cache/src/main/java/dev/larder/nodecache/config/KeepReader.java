package dev.larder.nodecache.config;

import dev.larder.nodecache.oci.Keeping;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads which nodes keep what, from the files of the tag table. Keys that it does not know are passed over: node caches of
 * several versions read the same files while an upgrade goes from node to node.
 */
final class KeepReader {

    private static final Duration LONGEST_SPREAD = Duration.ofDays(1);

    private KeepReader() {}

    static List<KeepRule> rules(Section file) {
        List<KeepRule> rules = new ArrayList<>();
        for (Section rule : file.sections("keep")) {
            rules.add(new KeepRule(
                    rule.text("resource").orElse(""),
                    rule.text("group").orElse(""),
                    rule.number("most", Integer.MAX_VALUE, 1, Integer.MAX_VALUE),
                    new Keeping(
                            true,
                            rule.parsed("bandwidth", DataSize::parse)
                                    .map(DataSize::bytes)
                                    .orElse(0L),
                            rule.duration("spread", Duration.ZERO, Duration.ZERO, LONGEST_SPREAD))));
        }
        return rules;
    }

    /** The nodes of each group: of all that the file has, those whose bits are set. */
    static Map<String, List<String>> groups(Section file) {
        List<String> nodes = file.strings("nodes");
        Map<String, List<String>> groups = new HashMap<>();
        for (Section group : file.sections("groups")) {
            BitSet members = group.parsed(
                            "members",
                            text -> BitSet.valueOf(Base64.getDecoder().decode(text)))
                    .orElseGet(BitSet::new);
            if (members.length() > nodes.size()) {
                group.problem("members", "are more than there are nodes");
                continue;
            }
            groups.put(
                    group.text("name").orElse(""),
                    members.stream().mapToObj(nodes::get).toList());
        }
        return groups;
    }
}
