package dev.larder.nodecache.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the process listens and where its two containers meet.
 *
 * @param registry the address containerd comes to
 * @param admin health, metrics and status
 * @param runDirectory holds node-cache.pid and hosts-writer.json
 * @param tls for the registry's address; null for plain HTTP
 * @param jobs null for none
 */
public record ListenConfig(
        Endpoint registry,
        Endpoint admin,
        Path runDirectory,
        @Nullable TlsConfig tls,
        @Nullable JobsConfig jobs) {

    public static final ListenConfig DEFAULT = new ListenConfig(
            new Endpoint("127.0.0.1", 5151), new Endpoint("0.0.0.0", 5152), Path.of("/run/larder"), null, null);
}
