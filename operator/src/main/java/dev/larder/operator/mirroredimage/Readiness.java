package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.operator.nodes.NodeReport;
import dev.larder.operator.nodes.WaitingNames;
import dev.larder.operator.registrycache.desired.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * On how many nodes a resource's tags are ready: pure. A node that keeps its images counts for a tag once it has a file with
 * what is served, whatever else is in it, knows that it is to keep it, and does not say that the tag waits. The other nodes
 * only need the file.
 *
 * @param nodes that should have them
 * @param whole nodes on which all are ready
 * @param others nodes that only answer the tags
 * @param answering of these, those that do
 * @param byTag nodes on which each is ready
 * @param behind the pods that do not know yet which nodes are to keep them, and are such
 * @param troubles what nodes say keeps a tag waiting, a few
 */
record Readiness(
        int nodes,
        int whole,
        int others,
        int answering,
        Map<String, Integer> byTag,
        Set<String> behind,
        List<String> troubles) {

    private static final int MOST_TROUBLES = 3;
    /** A report names no more than this many. */
    private static final int REPORTED = 100;

    Readiness {
        byTag = Map.copyOf(byTag);
        behind = Set.copyOf(behind);
        troubles = List.copyOf(troubles);
    }

    static Readiness of(
            MirroredImage image,
            List<MirroredTagStatus> tags,
            TableFile.Place place,
            Keepers keepers,
            Coverage coverage,
            Map<String, NodeReport> reports) {
        Counting counting = new Counting(image, tags, place);
        int others = 0;
        for (Map.Entry<String, Coverage.NodeCache> pod : coverage.pods().entrySet()) {
            NodeReport report = reports.get(pod.getKey());
            boolean keeps = keepers.has(pod.getValue().node());
            others += keeps ? 0 : 1;
            if (report != null && keeps) {
                counting.keeper(pod.getKey(), report);
            } else if (report != null) {
                counting.other(report);
            }
        }
        return new Readiness(
                keepers.all() ? coverage.pods().size() : keepers.nodes().size(),
                counting.whole,
                others,
                counting.answering,
                counting.byTag,
                counting.behind,
                counting.troubles);
    }

    boolean complete() {
        return whole == nodes && answering == others;
    }

    private static final class Counting {
        private final String resource;
        private final String source;
        private final String host;
        private final TableFile.Place place;
        private final List<String> served;
        private final Map<String, Integer> byTag = new HashMap<>();
        private final Set<String> behind = new HashSet<>();
        private final List<String> troubles = new ArrayList<>();
        private int whole;
        private int answering;

        Counting(MirroredImage image, List<MirroredTagStatus> tags, TableFile.Place place) {
            this.resource = image.getMetadata().getName();
            this.source = image.getSpec().source();
            this.host = source.substring(0, source.indexOf('/'));
            this.place = place;
            this.served = tags.stream()
                    .filter(tag -> tag.servedDigest() != null)
                    .map(MirroredTagStatus::tag)
                    .toList();
            served.forEach(tag -> byTag.put(tag, 0));
        }

        /** A part of the table for a registry that it does not serve yet is none of its own. */
        private boolean hasTable(NodeReport report) {
            return report.registries().stream()
                            .anyMatch(registry -> registry.host().equals(host))
                    && place.revisions()
                            .contains(report.mirror().revisions().getOrDefault(Names.mirrorFile(place.shard()), ""));
        }

        /** One that is told nothing of nodes keeps everything. */
        private boolean knowsWhoKeeps(NodeReport.Mirror mirror) {
            return !place.nodes().chosen()
                    || place.nodes().revisions().contains(mirror.revisions().getOrDefault(Names.NODES_FILE, ""));
        }

        void keeper(String pod, NodeReport report) {
            NodeReport.Mirror mirror = report.mirror();
            boolean knows = knowsWhoKeeps(mirror);
            if (!knows) {
                behind.add(pod);
            }
            boolean loaded = knows && hasTable(report);
            Predicate<String> waits = waits(mirror);
            mirror.waiting().stream()
                    .filter(tag -> tag.resource().equals(resource) && troubles.size() < MOST_TROUBLES)
                    .forEach(tag -> troubles.add(tag.tag() + ": " + tag.message()));
            mirror.problems().stream().limit(1).forEach(troubles::add);
            List<String> ready = served.stream()
                    .filter(tag -> loaded && !waits.test(source + ":" + tag))
                    .toList();
            ready.forEach(tag -> byTag.merge(tag, 1, Integer::sum));
            if (ready.size() == served.size()) {
                whole++;
            }
        }

        /** Of more than are named, any may be meant. */
        private static Predicate<String> waits(NodeReport.Mirror mirror) {
            WaitingNames all = mirror.waitingNames();
            if (all != null) {
                return tag -> all.has(Keepers.shortName(tag));
            }
            if (mirror.waiting().size() >= REPORTED
                    && mirror.kept() - mirror.ready() != mirror.waiting().size()) {
                return tag -> true;
            }
            Set<String> named =
                    mirror.waiting().stream().map(NodeReport.WaitingTag::tag).collect(Collectors.toSet());
            return named::contains;
        }

        void other(NodeReport report) {
            if (hasTable(report)) {
                answering++;
            }
            report.mirror().problems().stream().limit(1).forEach(troubles::add);
        }
    }
}
