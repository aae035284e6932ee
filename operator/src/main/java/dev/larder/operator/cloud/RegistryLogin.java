package dev.larder.operator.cloud;

import java.time.Instant;

/** What a registry takes as user and password until it expires. */
public record RegistryLogin(String user, SecretText password, Instant expires) {}
