package dev.larder.nodecache.config;

import java.nio.file.Path;

/**
 * A certificate to serve with. The files are read again when they change.
 *
 * @param certFile PEM, the server's certificate first, then its chain
 * @param keyFile PEM, PKCS 8 or PKCS 1, without a password
 */
public record TlsConfig(Path certFile, Path keyFile) {}
