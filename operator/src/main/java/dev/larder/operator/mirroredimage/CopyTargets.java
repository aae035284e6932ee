package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.TargetRepositorySpec;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Pattern;

/** Targets that must not be copied to: pure. */
final class CopyTargets {

    private static final String FIELD = "spec.to.repository.url";
    private static final Pattern DOCKER_HUB = Pattern.compile("^(registry-1|index)\\.docker\\.io/");

    private CopyTargets() {}

    static Optional<Problem> problem(MirroredImage image, TargetRepositorySpec target, Collection<MirroredImage> all) {
        String place = name(target.image());
        if (place.equals(name(image.getSpec().source()))) {
            return Optional.of(
                    new Problem(FIELD, target.url() + " is the source itself: name another repository to copy to"));
        }
        // The other end of a circle sees the same, so that neither copies.
        Optional<MirroredImage> back = all.stream()
                .filter(other -> copiesTo(other, name(image.getSpec().source())))
                .filter(other -> name(other.getSpec().source()).equals(place))
                .findFirst();
        if (back.isPresent()) {
            return Optional.of(new Problem(
                    FIELD,
                    "MirroredImage " + back.get().getMetadata().getName() + " copies from " + target.url()
                            + " back to the source: take spec.to.repository out of one of them"));
        }
        return Claims.olderThan(image, all, other -> copiesTo(other, place))
                .findFirst()
                .map(other -> new Problem(
                        FIELD,
                        target.url() + " is what the older MirroredImage "
                                + other.getMetadata().getName() + " copies to: give each a repository of its own"));
    }

    private static boolean copiesTo(MirroredImage image, String place) {
        TargetRepositorySpec target = image.getSpec().to().repository();
        return target != null && name(target.image()).equals(place);
    }

    /** Docker Hub has several. */
    private static String name(String image) {
        return DOCKER_HUB.matcher(image).replaceFirst("docker.io/");
    }
}
