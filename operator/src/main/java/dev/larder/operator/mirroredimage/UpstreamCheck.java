package dev.larder.operator.mirroredimage;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.crds.v1alpha1.MirroredImageSpec;
import dev.larder.crds.v1alpha1.PinSpec;
import dev.larder.crds.v1alpha1.VerifySpec;
import dev.larder.operator.nodes.JobAnswer;
import dev.larder.operator.nodes.JobClient;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at an upstream, by way of a node cache: the list of tags once, if it is needed at all, then a HEAD for each tag
 * chosen and for each pin whose digest is not known. Blocks; gives up after a few failures in a row.
 */
final class UpstreamCheck {

    static final String REFUSED = "Refused";
    static final String UPSTREAM_FAILED = "UpstreamFailed";
    static final String NO_NODE_CACHE = "NoNodeCache";

    /** Such as one that may not make the Secrets with its certificates. */
    static final String OPERATOR_FAILED = "OperatorFailed";

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamCheck.class);
    private static final int FAILURES = 3;

    /** The list of a large repository takes megabytes while it is read. */
    private static final int LISTS_AT_ONCE = 4;

    private final JobClient jobs;
    private final Clock clock;
    private final Semaphore lists = new Semaphore(LISTS_AT_ONCE);

    /**
     * What to look at.
     *
     * @param nodes to ask, the first that answers
     * @param served tags that stay candidates though the upstream may have them no more
     * @param known digests that need not be asked for
     */
    record Question(
            CheckResult.Asked asked,
            MirroredImageSpec spec,
            List<JobClient.Address> nodes,
            Collection<String> served,
            Set<String> known) {
        Question {
            nodes = List.copyOf(nodes);
            served = List.copyOf(served);
            known = Set.copyOf(known);
        }
    }

    UpstreamCheck(JobClient jobs, Clock clock) {
        this.jobs = jobs;
        this.clock = clock;
    }

    /** Whatever goes wrong is a result. */
    CheckResult run(Question question) throws InterruptedException {
        try {
            return asked(question);
        } catch (RuntimeException e) {
            LOG.error("looking at {} failed", question.spec().source(), e);
            return CheckResult.failed(
                    question.asked(), clock.instant(), OPERATOR_FAILED, String.valueOf(e.getMessage()));
        }
    }

    private CheckResult asked(Question question) throws InterruptedException {
        MirroredImageSpec spec = question.spec();
        TagSelection selection = new TagSelection(spec.tags());
        Set<String> available = new LinkedHashSet<>(question.served());
        Optional<List<String>> named = selection.named();
        if (named.isPresent()) {
            available.addAll(named.get());
        } else {
            JobAnswer answer = list(question);
            if (!(answer instanceof JobAnswer.Tags(List<String> tags))) {
                return failed(question, answer);
            }
            available.addAll(tags);
        }
        TagSelection.Chosen chosen = selection.choose(available);
        Set<String> tags = new LinkedHashSet<>(chosen.tags());
        spec.pins().forEach(pin -> tags.add(pin.tag()));
        return look(question, chosen, new ArrayList<>(tags));
    }

    private JobAnswer list(Question question) throws InterruptedException {
        lists.acquire();
        try {
            return JobClient.ofAny(
                    question.nodes(), node -> jobs.tags(node, question.spec().source()));
        } finally {
            lists.release();
        }
    }

    private CheckResult look(Question question, TagSelection.Chosen chosen, List<String> tags)
            throws InterruptedException {
        Map<String, Sight> sights = new HashMap<>();
        Map<String, Sight> pinned = new HashMap<>();
        CheckResult.@Nullable Failure failure = null;
        int inARow = 0;
        String source = question.spec().source();
        for (String tag : tags) {
            JobAnswer answer = inARow < FAILURES
                    ? JobClient.ofAny(question.nodes(), node -> jobs.manifest(node, source + ":" + tag))
                    : new JobAnswer.Failed("not asked after " + FAILURES + " failures", false);
            Sight sight = sight(answer);
            sights.put(tag, sight);
            inARow = sight instanceof Sight.Unknown ? inARow + 1 : 0;
            failure = failure == null && sight instanceof Sight.Unknown ? failure(answer) : failure;
        }
        Set<String> known = new LinkedHashSet<>(question.known());
        sights.values().forEach(sight -> {
            if (sight instanceof Sight.Is(String digest)) {
                known.add(digest);
            }
        });
        for (PinSpec pin : question.spec().pins()) {
            if (!known.contains(pin.digest()) && inARow < FAILURES) {
                JobAnswer answer =
                        JobClient.ofAny(question.nodes(), node -> jobs.manifest(node, source + "@" + pin.digest()));
                Sight sight = sight(answer);
                pinned.put(pin.tag(), sight);
                failure = failure == null && sight instanceof Sight.Unknown ? failure(answer) : failure;
            }
        }
        Verdicts verdicts = signatures(question, sights, pinned);
        failure = failure == null ? verdicts.failure() : failure;
        boolean any = sights.values().stream().anyMatch(Sight.Is.class::isInstance);
        boolean refused = failure != null && failure.reason().equals(REFUSED);
        Boolean open = (any || refused) ? Boolean.valueOf(any) : null;
        return new CheckResult(
                question.asked(),
                clock.instant(),
                tags,
                chosen.leftOut(),
                new Promotion.Found(sights, pinned, verdicts.byDigest()),
                failure,
                open);
    }

    /**
     * Of each digest that may come to be served and never was.
     *
     * @param byDigest why it is refused, or nothing
     * @param failure why one could not be looked at; null when all could
     */
    private record Verdicts(Map<String, String> byDigest, CheckResult.@Nullable Failure failure) {}

    private Verdicts signatures(Question question, Map<String, Sight> sights, Map<String, Sight> pinned)
            throws InterruptedException {
        VerifySpec verify = question.spec().verify();
        Map<String, String> verdicts = new HashMap<>();
        CheckResult.@Nullable Failure failure = null;
        if (verify == null) {
            return new Verdicts(verdicts, failure);
        }
        Set<String> digests = new LinkedHashSet<>();
        sights.values().forEach(sight -> {
            if (sight instanceof Sight.Is(String digest)) {
                digests.add(digest);
            }
        });
        question.spec().pins().stream()
                .filter(pin -> pinned.get(pin.tag()) instanceof Sight.Is)
                .forEach(pin -> digests.add(pin.digest()));
        digests.removeAll(question.known());
        for (String digest : digests) {
            ObjectNode job = JsonNodeFactory.instance.objectNode();
            job.put("image", question.spec().source() + "@" + digest);
            verify.cosign().publicKeys().forEach(job.withArray("publicKeys")::add);
            JobAnswer answer = JobClient.ofAny(question.nodes(), node -> jobs.verify(node, job));
            if (answer instanceof JobAnswer.Verified(boolean signed, String reason)) {
                verdicts.put(digest, signed ? "" : reason);
            } else {
                failure = failure == null ? failure(answer) : failure;
            }
        }
        return new Verdicts(verdicts, failure);
    }

    private CheckResult failed(Question question, JobAnswer answer) {
        CheckResult.Failure failure = failure(answer);
        return CheckResult.failed(question.asked(), clock.instant(), failure.reason(), failure.message());
    }

    private static Sight sight(JobAnswer answer) {
        return switch (answer) {
            case JobAnswer.Manifest(String digest) -> new Sight.Is(digest);
            case JobAnswer.Absent _ -> new Sight.Gone();
            case JobAnswer.Refused(String message) -> new Sight.Unknown(message);
            case JobAnswer.Failed(String message, boolean _) -> new Sight.Unknown(message);
            case JobAnswer.Tags _, JobAnswer.Copying _, JobAnswer.Untagged _, JobAnswer.Verified _ ->
                new Sight.Unknown("the node cache answered something else than was asked");
        };
    }

    private static CheckResult.Failure failure(JobAnswer answer) {
        return switch (answer) {
            case JobAnswer.Absent(String message) ->
                new CheckResult.Failure(
                        UPSTREAM_FAILED, "spec.source: the upstream has no such repository (" + message + ")");
            case JobAnswer.Refused(String message) ->
                new CheckResult.Failure(
                        REFUSED,
                        "spec.source: the upstream gives it to nobody without credentials (" + message
                                + "): give the RegistryCache's upstream a credentialsSecretRef, and the registry access:"
                                + " Shared");
            case JobAnswer.Failed(String message, boolean byNode) ->
                new CheckResult.Failure(byNode ? NO_NODE_CACHE : UPSTREAM_FAILED, message);
            case JobAnswer.Tags _,
                    JobAnswer.Manifest _,
                    JobAnswer.Copying _,
                    JobAnswer.Untagged _,
                    JobAnswer.Verified _ -> new CheckResult.Failure(UPSTREAM_FAILED, "an answer to another question");
        };
    }
}
