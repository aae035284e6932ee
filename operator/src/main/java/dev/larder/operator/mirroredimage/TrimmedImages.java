package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.MirroredImage;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps of each MirroredImage what the operator reads: not who has written which field, nor kubectl's copy of the spec. Of
 * thousands these would be the larger part.
 */
public final class TrimmedImages implements ItemStore<MirroredImage> {

    private static final String KUBECTL_COPY = "kubectl.kubernetes.io/last-applied-configuration";

    private final Map<String, MirroredImage> images = new ConcurrentHashMap<>();

    /** The informer hands the same object on to those that listen, so that it is changed in place. */
    private static MirroredImage trimmed(MirroredImage image) {
        ObjectMeta metadata = image.getMetadata();
        metadata.setManagedFields(List.of());
        Map<String, String> annotations = metadata.getAnnotations();
        if (annotations != null && annotations.containsKey(KUBECTL_COPY)) {
            Map<String, String> rest = new HashMap<>(annotations);
            rest.remove(KUBECTL_COPY);
            metadata.setAnnotations(rest);
        }
        return image;
    }

    @Override
    public String getKey(MirroredImage image) {
        return Cache.metaNamespaceKeyFunc(image);
    }

    @Override
    public @Nullable MirroredImage put(String key, MirroredImage image) {
        return images.put(key, trimmed(image));
    }

    @Override
    public @Nullable MirroredImage remove(String key) {
        return images.remove(key);
    }

    @Override
    public Stream<String> keySet() {
        return images.keySet().stream();
    }

    @Override
    public Stream<MirroredImage> values() {
        return images.values().stream();
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public @Nullable MirroredImage get(String key) {
        return images.get(key);
    }
}
