package dev.larder.operator.mirroredimage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.crds.v1alpha1.CopiedPlatforms;
import dev.larder.crds.v1alpha1.CopyTagStatus;
import dev.larder.crds.v1alpha1.MirroredImageSpec;
import dev.larder.crds.v1alpha1.TargetRepositorySpec;
import dev.larder.operator.nodes.JobAnswer;
import dev.larder.operator.nodes.JobClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has a node cache do what a plan says, one thing after the other, until one fails. Blocks, for as long as copies take. */
final class Copier {

    static final String COPY_REFUSED = "CopyRefused";
    static final String FAILED = "CopyFailed";
    static final String UNUSABLE = "InvalidTarget";

    private static final Logger LOG = LoggerFactory.getLogger(Copier.class);

    private final JobClient jobs;
    private final TargetAccess access;

    /**
     * What to do.
     *
     * @param nodes to ask, the first that answers
     */
    record Order(
            MirroredImageSpec spec,
            TargetRepositorySpec target,
            List<JobClient.Address> nodes,
            List<CopyPlan.Copy> copies,
            List<Removal> removals) {
        Order {
            nodes = List.copyOf(nodes);
            copies = List.copyOf(copies);
            removals = List.copyOf(removals);
        }
    }

    /** @param wanted whether another tag goes on meaning the same */
    record Removal(CopyTagStatus tag, boolean wanted) {}

    /**
     * What has become of it.
     *
     * @param notes about tags that stay although they were to go
     * @param failure why the rest has not been done; null when all has
     */
    record Result(
            List<CopyPlan.Copy> done,
            List<CopyTagStatus> removed,
            List<String> notes,
            CheckResult.@Nullable Failure failure) {
        Result {
            done = List.copyOf(done);
            removed = List.copyOf(removed);
            notes = List.copyOf(notes);
        }
    }

    Copier(JobClient jobs, TargetAccess access) {
        this.jobs = jobs;
        this.access = access;
    }

    /** Whatever goes wrong is a result. */
    Result run(Order order) throws InterruptedException {
        List<CopyPlan.Copy> done = new ArrayList<>();
        List<CopyTagStatus> removed = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        CheckResult.Failure failure;
        try {
            ObjectNode target = access.of(order.target());
            failure = copy(order, target, done);
            if (failure == null) {
                failure = remove(order, target, removed, notes);
            }
        } catch (TargetAccess.Unusable e) {
            failure = new CheckResult.Failure(UNUSABLE, String.valueOf(e.getMessage()));
        } catch (KubernetesClientException e) {
            failure = new CheckResult.Failure(UpstreamCheck.OPERATOR_FAILED, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("copying {} failed", order.spec().source(), e);
            failure = new CheckResult.Failure(UpstreamCheck.OPERATOR_FAILED, String.valueOf(e.getMessage()));
        }
        return new Result(done, removed, notes, failure);
    }

    private CheckResult.@Nullable Failure copy(Order order, ObjectNode target, List<CopyPlan.Copy> done)
            throws InterruptedException {
        for (CopyPlan.Copy copy : order.copies()) {
            ObjectNode job = target.objectNode();
            job.put("image", order.spec().source() + "@" + copy.digest());
            job.set("target", target);
            job.put("attachments", order.target().attachments());
            if (order.target().platforms() == CopiedPlatforms.Selected) {
                order.spec().platforms().forEach(job.putArray("platforms")::add);
            }
            var tags = job.putArray("tags").add(copy.tag());
            if (copy.datedTag() != null) {
                tags.add(copy.datedTag());
            }
            if (copy.previous() != null) {
                job.putObject("also").put(copy.tag() + "-previous", copy.previous());
            }
            JobAnswer answer = untilDone(order, job);
            if (!(answer instanceof JobAnswer.Copying)) {
                return failure(copy.tag(), answer);
            }
            done.add(copy);
        }
        return null;
    }

    private JobAnswer untilDone(Order order, ObjectNode job) throws InterruptedException {
        while (true) {
            JobAnswer answer = JobClient.ofAny(order.nodes(), node -> jobs.copy(node, job));
            if (!(answer instanceof JobAnswer.Copying copying) || copying.done()) {
                return answer;
            }
        }
    }

    private CheckResult.@Nullable Failure remove(
            Order order, ObjectNode target, List<CopyTagStatus> removed, List<String> notes)
            throws InterruptedException {
        for (Removal removal : order.removals()) {
            ObjectNode job = target.objectNode();
            job.set("target", target);
            job.put("tag", removal.tag().tag());
            job.put("image", removal.tag().digest());
            job.put("wanted", removal.wanted());
            var leaving = job.putArray("leaving");
            order.removals().stream()
                    .map(Removal::tag)
                    .filter(other -> other.digest().equals(removal.tag().digest()))
                    .forEach(other -> leaving.add(other.tag()));
            JobAnswer answer = JobClient.ofAny(order.nodes(), node -> jobs.untag(node, job));
            if (!(answer instanceof JobAnswer.Untagged(String outcome))) {
                return failure(removal.tag().tag(), answer);
            }
            note(removal.tag().tag(), outcome, notes);
            removed.add(removal.tag());
        }
        return null;
    }

    private static void note(String tag, String outcome, List<String> notes) {
        switch (outcome) {
            case "GONE" -> LOG.debug("tag {} is gone", tag);
            case "CHANGED" -> notes.add("tag " + tag + " means something else by now and is left alone");
            case "WANTED" ->
                notes.add(
                        "tag " + tag
                                + " stays: the registry takes away whole images only, and this one is served or has other tags");
            default -> notes.add("tag " + tag + " stays: the registry takes nothing away");
        }
    }

    private static CheckResult.Failure failure(String tag, JobAnswer answer) {
        return switch (answer) {
            case JobAnswer.Refused(String message) -> new CheckResult.Failure(COPY_REFUSED, tag + ": " + message);
            case JobAnswer.Absent(String message) -> new CheckResult.Failure(FAILED, tag + ": " + message);
            case JobAnswer.Failed(String message, boolean byNode) ->
                new CheckResult.Failure(byNode ? UpstreamCheck.NO_NODE_CACHE : FAILED, tag + ": " + message);
            default -> new CheckResult.Failure(FAILED, tag + ": the node cache answered something else");
        };
    }
}
