package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.KeptOnNodesSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The nodes that are to have a resource's images on their disks ahead of time: pure. Node caches find out by themselves whether
 * they are among them, and KeepersTest compares what both find: the nodes with the highest scores for the image (rendezvous
 * hashing), so that a node that comes or goes moves only what it keeps itself.
 *
 * @param all whether they are all that there are; then {@code nodes} says nothing
 * @param problems with what is asked for
 */
record Keepers(boolean all, Set<String> nodes, List<Problem> problems) {

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    Keepers {
        nodes = Set.copyOf(nodes);
        problems = List.copyOf(problems);
    }

    /** @param running whether any node cache of the registry runs; without, there is more wrong than who keeps what */
    static Keepers of(KeptOnNodesSpec wanted, String source, NodeGroups.Place group, boolean running) {
        if (!group.chosen()) {
            return new Keepers(true, Set.of(), List.of());
        }
        Set<String> members = group.members();
        List<Problem> problems = new ArrayList<>();
        if (group.leftOut()) {
            problems.add(new Problem(
                    "spec.to.nodes.selector",
                    "there are too many different selectors for so many nodes, and this one is left out: no node keeps the"
                            + " images; use the same selector in several MirroredImages"));
        } else if (members.isEmpty()) {
            problems.add(new Problem(
                    "spec.to.nodes.selector",
                    "no node with a node cache of the registry matches: no node keeps the images; label a node, or change"
                            + " the selector"));
        } else if (wanted.keep().getIntVal() != null && wanted.most() > members.size()) {
            problems.add(new Problem(
                    "spec.to.nodes.keep",
                    wanted.most() + " nodes are asked for, and " + members.size() + " can be had: all of these keep the"
                            + " images; lower keep, or widen the selector"));
        }
        return new Keepers(
                false,
                group.leftOut() ? Set.of() : chosen(source, members, wanted.most()),
                running ? problems : List.of());
    }

    boolean has(String node) {
        return all || nodes.contains(node);
    }

    static Set<String> chosen(String image, Collection<String> nodes, int most) {
        return nodes.size() <= most
                ? Set.copyOf(nodes)
                : new HashSet<>(nodes.stream()
                        .sorted(Comparator.comparingLong((String node) -> score(image, node))
                                .reversed()
                                .thenComparing(Comparator.naturalOrder()))
                        .limit(most)
                        .toList());
    }

    /** What a node cache calls a tag in {@code mirror.waitingNames}. */
    static int shortName(String tag) {
        return (int) (mixed(hash(tag)) >>> Integer.SIZE);
    }

    private static long score(String image, String node) {
        return mixed(hash(node) ^ mixed(hash(image)));
    }

    /** FNV-1a: names are ASCII. */
    private static long hash(String text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return hash;
    }

    /** Of SplittableRandom: every bit of what goes in moves every bit of what comes out. */
    private static long mixed(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
