package dev.larder.nodecache.config;

import java.nio.file.Path;

/**
 * Where the operator asks what only a registry knows. Not listened on before all three files are there.
 *
 * @param tls what to show to the client
 * @param clientCaFile PEM, whose certificates a client must have one of
 * @param clientName a DNS name that the client's certificate must carry
 */
public record JobsConfig(Endpoint address, TlsConfig tls, Path clientCaFile, String clientName) {}
