package dev.larder.nodecache.mirror;

import java.time.Duration;
import java.util.Collection;

/**
 * Which of several nodes keep an image: those with the highest scores for it (rendezvous hashing), so that a node that comes
 * or goes moves only what it keeps itself. Pure. The operator computes the same, and its KeepersTest compares the two.
 */
public final class KeepRanking {

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private KeepRanking() {}

    /** Whether a node is one of the {@code most} first of these. */
    public static boolean keeps(String image, Collection<String> nodes, String node, int most) {
        if (!nodes.contains(node)) {
            return false;
        }
        if (most >= nodes.size()) {
            return true;
        }
        long own = score(image, node);
        int before = 0;
        for (String other : nodes) {
            long score = score(image, other);
            if (score > own || (score == own && other.compareTo(node) < 0)) {
                before++;
            }
        }
        return before < most;
    }

    /** When in the time given a node has its turn. */
    static Duration turn(String content, String node, Duration spread) {
        return spread.isZero() ? spread : Duration.ofMillis(Math.floorMod(score(content, node), spread.toMillis()));
    }

    /** A short name for a tag with its registry and repository; two tags may share one. The operator computes it, too. */
    public static int shortName(String tag) {
        return (int) (mixed(hash(tag)) >>> Integer.SIZE);
    }

    static long score(String image, String node) {
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
