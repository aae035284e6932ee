package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** What was last used of some small content, in memory, as long as it fits into a number of bytes. Safe for many threads. */
final class RecentContent<V> {

    private final long most;
    private final ToIntFunction<V> bytesOf;

    /** Guarded by itself. */
    private final LinkedHashMap<Digest, V> memory = new LinkedHashMap<>(64, 0.75f, true);

    /** Guarded by {@link #memory}. */
    private long bytes;

    RecentContent(long most, ToIntFunction<V> bytesOf) {
        this.most = most;
        this.bytesOf = bytesOf;
    }

    Optional<V> find(Digest digest) {
        synchronized (memory) {
            return Optional.ofNullable(memory.get(digest));
        }
    }

    void put(Digest digest, V content) {
        synchronized (memory) {
            @Nullable V before = memory.put(digest, content);
            bytes += bytesOf.applyAsInt(content) - (before == null ? 0 : bytesOf.applyAsInt(before));
            Iterator<V> oldest = memory.values().iterator();
            while (bytes > most && oldest.hasNext()) {
                bytes -= bytesOf.applyAsInt(oldest.next());
                oldest.remove();
            }
        }
    }

    void forget(Digest digest) {
        synchronized (memory) {
            @Nullable V before = memory.remove(digest);
            bytes -= before == null ? 0 : bytesOf.applyAsInt(before);
        }
    }
}
