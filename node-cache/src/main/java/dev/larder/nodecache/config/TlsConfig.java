package dev.larder.nodecache.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A certificate to serve with. The files are read again when they change.
 *
 * @param certFile PEM, the server's certificate first, then its chain
 * @param keyFile PEM, PKCS 8 or PKCS 1, without a password
 * @param caFile PEM of the authority that signed the certificate, for containerd and the hosts writer; null where neither is
 *     ours to tell
 */
public record TlsConfig(
        Path certFile, Path keyFile, @Nullable Path caFile) {}
