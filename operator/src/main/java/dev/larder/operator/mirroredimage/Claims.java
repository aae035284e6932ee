package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Tags that an older resource of the same source has: pure. Older is by creation, then by name. */
final class Claims {

    private static final Comparator<MirroredImage> OLDEST_FIRST = Comparator.comparing(
                    (MirroredImage image) -> String.valueOf(image.getMetadata().getCreationTimestamp()))
            .thenComparing(image -> image.getMetadata().getName());

    private Claims() {}

    /** The names of the older resources by what they have of the tags. */
    static Map<String, String> of(MirroredImage self, Collection<MirroredImage> all, List<String> tags) {
        Map<String, String> claimed = new HashMap<>();
        olderThan(self, all, other -> other.getSpec()
                        .source()
                        .equals(self.getSpec().source()))
                .filter(other -> other.getStatus() != null)
                .forEach(other -> other.getStatus().tags().stream()
                        .map(MirroredTagStatus::tag)
                        .filter(tags::contains)
                        .forEach(tag ->
                                claimed.putIfAbsent(tag, other.getMetadata().getName())));
        return claimed;
    }

    /** The oldest first, of those that are asked about: of thousands these are a few. */
    static Stream<MirroredImage> olderThan(
            MirroredImage self, Collection<MirroredImage> all, Predicate<MirroredImage> such) {
        return all.stream()
                .filter(such)
                .filter(other ->
                        !other.getMetadata().getName().equals(self.getMetadata().getName()))
                .filter(other -> OLDEST_FIRST.compare(other, self) < 0)
                .sorted(OLDEST_FIRST);
    }
}
